import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { SETTINGS } from '../../cli/cost/usage.ts';
import { createMeter, type MetricName } from '../../shared/runtime/metrics.ts';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import { ofType, resourceOf } from '../support/deploy/template.ts';

interface Alarm {
  Namespace: string;
  MetricName: string;
  Dimensions: { Name: string; Value: unknown }[];
  /** Instead of these, of an alarm on several. */
  Metrics?: { MetricStat?: { Metric: Pick<Alarm, 'Namespace' | 'MetricName' | 'Dimensions'> } }[];
  TreatMissingData: string;
  AlarmActions: unknown;
  AlarmDescription: string;
}

const alarmsOf = (template: Template) =>
  Object.fromEntries(
    Object.entries(ofType(template, 'AWS::CloudWatch::Alarm')).map(([name, { Properties }]) => [
      name,
      Properties as unknown as Alarm,
    ]),
  );

/** What alarms ask for. */
const metricsOf = (alarms: Record<string, Alarm>) =>
  Object.values(alarms).flatMap((alarm) =>
    alarm.Metrics ? alarm.Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) : [alarm],
  );

/** Which metrics each of our services writes; the compiler knows the names. */
type Service = 'ingest' | 'consumer' | 'archive';

const WRITTEN: Record<Service, MetricName[]> = {
  archive: ['OldestUnloggedAge', 'LostRanges'],
  ingest: ['AcceptedEvents', 'RejectedEvents', 'StreamUnavailable', 'ThrottledRequests'],
  consumer: [
    ...(['CountedEvents', 'DuplicateEvents', 'QuarantinedRecords', 'QuarantinedEvents'] as const),
    ...([
      'RefusedApplies',
      'FailedBatches',
      'ShardsBehind',
      'HealedRecords',
      'FailedHeals',
      'LostRanges',
      'OldestRecordAge',
      'OldestUncountedAge',
      'RedisUsedMemory',
    ] as const),
  ],
};

describe('alarms', () => {
  let template: Template;
  let alarms: Record<string, Alarm>;
  beforeAll(async () => {
    template = await packageTemplate({ stage: 'shop' });
    alarms = alarmsOf(template);
  });

  test('there is one for everything that somebody has to look at', () => {
    expect(Object.keys(alarms).sort()).toEqual([
      'ApiErrors',
      'ArchiveErrors',
      'BatchesFail',
      'ClaimsThrottled',
      'ConsumerErrors',
      'ConsumerFarBehind',
      'CountersBehind',
      'EventLogBehind',
      'EventLogLost',
      'EventsNotCounted',
      'EventsQuarantined',
      'EventsThrottled',
      'HealErrors',
      'HealingFails',
      'IngestErrors',
      'IngestThrottled',
      'RecordsLost',
      'RecordsQuarantined',
      'RedisNearlyFull',
      'RedisThrottled',
      'ReportErrors',
      'StreamThrottled',
      'StreamUnavailable',
    ]);
  });

  test('mem cost knows how many there are at most', () => {
    expect(metricsOf(alarms)).toHaveLength(SETTINGS.alarms);
  });

  test('no traffic is no fault', () => {
    const { EventsNotCounted, EventLogBehind, ...others } = alarms;
    for (const { TreatMissingData } of Object.values(others)) expect(TreatMissingData).toBe('notBreaching');
    // These are measured whether there is traffic or not.
    for (const told of [EventsNotCounted, EventLogBehind]) expect(told?.TreatMissingData).toBe('breaching');
  });

  test.each(['ingest', 'consumer', 'archive'] as const)(
    'those of our own metrics name the dimensions that %s writes',
    (service) => {
      const { namespace, dimensions } = writtenBy(service);
      expect(dimensions).toEqual({ service: `mem-${service}`, stage: 'shop' });
      const ours = metricsOf(alarms).filter(
        ({ Namespace, MetricName, Dimensions }) =>
          Namespace === namespace && isOf(service, MetricName) && !isElsewhere(service, Dimensions),
      );
      expect(ours).not.toEqual([]);
      for (const { Dimensions } of ours) {
        expect(Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]))).toEqual(dimensions);
      }
    },
  );

  test('every metric of ours that an alarm or the dashboard names is written by somebody', () => {
    const body = resourceOf(template, 'Dashboard').Properties.DashboardBody as { 'Fn::Sub': string };
    const { widgets } = JSON.parse(body['Fn::Sub']) as { widgets: { properties: { metrics: unknown[][] } }[] };
    const shown = widgets.flatMap(({ properties }) => properties.metrics).map(([namespace, name]) => [namespace, name]);
    const alarmed = metricsOf(alarms).map(({ Namespace, MetricName }) => [Namespace, MetricName]);
    const named = [...shown, ...alarmed].flatMap(([namespace, name]) => (namespace === 'Mem' ? [name] : []));
    const written: unknown[] = Object.values(WRITTEN).flat();
    expect(named).not.toEqual([]);
    expect(named.filter((name) => !written.includes(name))).toEqual([]);
  });

  test('nobody is told without an address', () => {
    expect(ofType(template, 'AWS::SNS::Topic')).toEqual({});
    for (const { AlarmActions } of Object.values(alarms)) expect(AlarmActions).toEqual([]);
  });

  test('whoever is named in mem.config.json is told of all', async () => {
    const told = await packageTemplate({ alarmEmail: 'ops@shop.example', redisUrlParameter: '/shop/redis' });
    expect(resourceOf(told, 'AlarmTopic').Properties.Subscription).toEqual([
      { Protocol: 'email', Endpoint: 'ops@shop.example' },
    ]);
    const all = Object.values(alarmsOf(told));
    expect(all.map(({ AlarmActions }) => AlarmActions)).toEqual(all.map(() => [{ Ref: 'AlarmTopic' }]));
    // Of a given Redis only its own word is known.
    expect(alarmsOf(told).RedisNearlyFull).toMatchObject({ Namespace: 'Mem', MetricName: 'RedisUsedMemory' });
    expect(Object.keys(alarmsOf(told))).not.toContain('RedisThrottled');
  });
});

const isOf = (service: Service, metric: string) => (WRITTEN[service] as string[]).includes(metric);

/** Two services write losses. */
const isElsewhere = (service: Service, dimensions: Alarm['Dimensions']) =>
  Object.keys(WRITTEN).some((other) => other !== service && dimensions.some(({ Value }) => Value === `mem-${other}`));

/** The line that a function of the stage `shop` writes to its log. */
function writtenBy(service: Service): { namespace: unknown; dimensions: Record<string, unknown> } {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  process.env.POWERTOOLS_METRICS_DISABLED = 'false';
  const meter = createMeter(service, 'shop', 0);
  for (const metric of WRITTEN[service]) meter.count(metric, 1);
  meter.flush();
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  write.mockRestore();

  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown> & {
    _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  };
  const [written] = line._aws.CloudWatchMetrics;
  expect(written?.Metrics.map(({ Name }) => Name)).toEqual(WRITTEN[service]);
  const [names] = written?.Dimensions ?? [];
  return {
    namespace: written?.Namespace,
    dimensions: Object.fromEntries((names ?? []).map((name) => [name, line[name]])),
  };
}
