import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';

/** Every metric of Mem; docs/operations.md says what each means. */
export type MetricName =
  | 'AcceptedEvents'
  | 'RejectedEvents'
  | 'StreamUnavailable'
  | 'CountedEvents'
  | 'DuplicateEvents'
  | 'QuarantinedRecords'
  | 'RefusedApplies'
  | 'FailedBatches'
  | 'ShardsBehind'
  | 'HealedRecords'
  | 'FailedHeals'
  | 'LostRanges'
  | 'OldestRecordAge';

export interface Meter {
  count: (metric: MetricName, value: number) => void;
  milliseconds: (metric: MetricName, value: number) => void;
  /** Writes what was counted since the last time as one line of the log (CloudWatch's embedded metric format). */
  flush: () => void;
}

export function createMeter(service: 'ingest' | 'consumer'): Meter {
  const metrics = new Metrics({ namespace: 'Mem', serviceName: `mem-${service}` });
  return {
    count: (metric, value) => metrics.addMetric(metric, MetricUnit.Count, value),
    milliseconds: (metric, value) => metrics.addMetric(metric, MetricUnit.Milliseconds, value),
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
