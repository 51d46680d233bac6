import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';

/** Every metric of Mem; docs/operations.md says what each means. */
export type MetricName =
  | 'AcceptedEvents'
  | 'RejectedEvents'
  | 'CrawlerEvents'
  | 'LeftOutParts'
  | 'ThrottledRequests'
  | 'StreamUnavailable'
  | 'CountedEvents'
  | 'DuplicateEvents'
  | 'GoalsWithoutExposure'
  | 'QuarantinedRecords'
  | 'QuarantinedEvents'
  | 'UnkeptEvents'
  | 'RefusedApplies'
  | 'FailedBatches'
  | 'ShardsBehind'
  | 'HealedRecords'
  | 'FailedHeals'
  | 'LostRanges'
  | 'UnusableLogFiles'
  | 'OldestRecordAge'
  | 'OldestUncountedAge'
  | 'OldestUnloggedAge'
  | 'RedisUsedMemory';

export interface Meter {
  count: (metric: MetricName, value: number) => void;
  milliseconds: (metric: MetricName, value: number) => void;
  percent: (metric: MetricName, value: number) => void;
  /**
   * Writes what was counted since the last time as one line of the log (CloudWatch's embedded metric format), if it is
   * time to, or it is urgent.
   */
  flush: (urgent?: boolean) => void;
}

/**
 * @param stage which of several installations in one account counts
 * @param everyMs how often a line is written at most: CloudWatch adds up whole minutes, and a line costs the door as
 *   much as a tenth of a request. What is not written when the process ends is missing in the metrics, and nowhere else
 */
export function createMeter(service: 'ingest' | 'consumer' | 'archive', stage: string, everyMs: number): Meter {
  const metrics = new Metrics({ namespace: 'Mem', serviceName: `mem-${service}`, defaultDimensions: { stage } });
  let written = 0;
  return {
    count: (metric, value) => metrics.addMetric(metric, MetricUnit.Count, value),
    milliseconds: (metric, value) => metrics.addMetric(metric, MetricUnit.Milliseconds, value),
    percent: (metric, value) => metrics.addMetric(metric, MetricUnit.Percent, value),
    flush(urgent = false) {
      const now = Date.now();
      if ((!urgent && now - written < everyMs) || !metrics.hasStoredMetrics()) return;
      metrics.publishStoredMetrics();
      written = now;
    },
  };
}
