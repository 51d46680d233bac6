// What an operator has to look at. docs/operations.md says what each means, and what to do.
const { ofApi, ofCache, ofClaims, ofFunction, ofMem, ofStream, withReferences } = require('./metrics.cjs');

const PERIOD_SECONDS = 300;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GB = 1_000_000_000;

/**
 * @param {{ statistic?: string, above?: number, periods?: number }} when the statistic of five minutes is above a
 *   number, so many times in a row
 */
function alarm(AlarmDescription, metric, { statistic = 'Sum', above = 0, periods = 1 } = {}) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription,
      ...withReferences(metric),
      Statistic: statistic,
      Period: PERIOD_SECONDS,
      EvaluationPeriods: periods,
      Threshold: above,
      ComparisonOperator: 'GreaterThanThreshold',
      // Without traffic nothing is measured: that is not a fault.
      TreatMissingData: 'notBreaching',
      AlarmActions: '${self:custom.mem.alarmActions}',
      OKActions: '${self:custom.mem.alarmActions}',
    },
  };
}

const lasting = { periods: 3 };

/**
 * The consumer writes nothing when it is not invoked, and a shard's iterator age counts every reader: so the scheduled
 * run measures how long events wait, and its silence is a fault, too.
 */
const notCounted = () => {
  const told = alarm(
    'Events wait in the stream and are not counted, or nobody measures whether they do: mem status.',
    ofMem('consumer')('OldestUncountedAge'),
    { statistic: 'Maximum', above: HOUR_MS / 2, periods: 2 },
  );
  return { ...told, Properties: { ...told.Properties, Period: 3 * PERIOD_SECONDS, TreatMissingData: 'breaching' } };
};

/** The run of every hour measures it, whether there is traffic or not: its silence is a fault, too. */
const notLogged = () => {
  const told = alarm(
    'The event log is a day behind what is counted, or nobody writes it. The log group of archive has the reason.',
    ofMem('archive')('OldestUnloggedAge'),
    { statistic: 'Maximum', above: DAY_MS },
  );
  return { ...told, Properties: { ...told.Properties, Period: (6 * HOUR_MS) / 1_000, TreatMissingData: 'breaching' } };
};

/** It runs every hour, and fails of it are tried again at once. */
const archiveFails = () => {
  const told = alarm(
    'The function archive fails, hour after hour. Its log group has the reason.',
    ofFunction('Archive')('Errors'),
    lasting,
  );
  return { ...told, Properties: { ...told.Properties, Period: HOUR_MS / 1_000 } };
};

/** As a share of what is delivered: a small site that loses every event hears of it, and a stranger's few tell nobody. */
const shareOfEvents = (AlarmDescription, metricName, { above, seconds }) => {
  const told = alarm(AlarmDescription, ofMem('consumer')(metricName), { above });
  const { Namespace, MetricName, Dimensions, Statistic, Period, ...properties } = told.Properties;
  const sumOf = (Id, name) => ({
    Id,
    MetricStat: { Metric: { Namespace, MetricName: name, Dimensions }, Period: seconds, Stat: Statistic },
    ReturnData: false,
  });
  return {
    ...told,
    Properties: {
      ...properties,
      Metrics: [
        sumOf('refused', MetricName),
        sumOf('counted', 'CountedEvents'),
        sumOf('repeated', 'DuplicateEvents'),
        {
          Id: 'share',
          Label: 'Share',
          Expression: 'refused / (refused + FILL(counted, 0) + FILL(repeated, 0))',
          ReturnData: true,
        },
      ],
    },
  };
};

/** @param alarmName an alarm keeps its name when its function is renamed: people and rules refer to it */
const errorsOf = (name, alarmName = `${name}Errors`) => [
  alarmName,
  alarm(
    `The function ${name.toLowerCase()} crashes or runs out of time. Its log group has the reason.`,
    ofFunction(name)('Errors'),
    lasting,
  ),
];

const always = {
  ...Object.fromEntries(['Ingest', 'Consumer', 'Report'].map((name) => errorsOf(name))),
  ...Object.fromEntries([errorsOf('Recover', 'HealErrors')]),
  IngestThrottled: alarm(
    'Requests are turned away since the account or the function may not run more at once. Clients send again.',
    ofFunction('Ingest')('Throttles'),
    lasting,
  ),
  EventsThrottled: alarm(
    'More events come than eventLimits lets through: a flood, or more traffic than was expected. Clients send again.',
    ofMem('ingest')('ThrottledRequests'),
    lasting,
  ),
  ApiErrors: alarm('More than ten requests in five minutes were answered 5xx.', ofApi('5xx'), { above: 10 }),
  StreamUnavailable: alarm(
    'Kinesis did not take events in time: clients were told to send again.',
    ofMem('ingest')('StreamUnavailable'),
    { above: 10 },
  ),
  StreamThrottled: alarm(
    'More is sent than the stream takes. On demand it grows within minutes.',
    ofStream('WriteProvisionedThroughputExceeded'),
    lasting,
  ),
  ConsumerFarBehind: alarm(
    'Counters are more than an hour behind. Nothing is lost while the stream keeps its records.',
    ofFunction('Consumer')('IteratorAge'),
    { statistic: 'Maximum', above: HOUR_MS, periods: 2 },
  ),
  BatchesFail: alarm(
    'Batches fail and are delivered again: Redis or DynamoDB is out of reach, Redis is not ours, or records of a newer version of Mem wait for it.',
    ofMem('consumer')('FailedBatches'),
    lasting,
  ),
  ClaimsThrottled: alarm(
    'DynamoDB turns claims away: batches wait. On demand it grows within minutes; with claimsCapacity, most may be too small.',
    ofClaims('WriteThrottleEvents'),
    lasting,
  ),
  CountersBehind: alarm(
    'Redis has lost counters, and for half an hour they could not all be counted again.',
    ofMem('consumer')('ShardsBehind'),
    { statistic: 'Maximum', periods: 6 },
  ),
  HealingFails: alarm(
    'The scheduled run fails, which looks for lost counters.',
    ofMem('consumer')('FailedHeals'),
    lasting,
  ),
  RecordsLost: alarm(
    'Records left the stream before they could be counted again: reports say since when they count.',
    ofMem('consumer')('LostRanges'),
  ),
  RecordsQuarantined: alarm(
    'Records could not be read, and are kept in the state table.',
    ofMem('consumer')('QuarantinedRecords'),
  ),
  EventsQuarantined: shareOfEvents(
    "More than 1 % of an hour's events are kept and not counted: names beyond the limits, or without a definition. See mem quarantine --reasons.",
    'QuarantinedEvents',
    { above: 0.01, seconds: 3_600 },
  ),
  EventsNotCounted: notCounted(),
};

/** @param {number} maxGb how much it may hold */
const ofOwnRedis = (maxGb) => ({
  RedisNearlyFull: alarm(
    `Redis holds 80 % of the ${maxGb} GB that it may (redisMaxGb). When it is full, counting stops and waits.`,
    ofCache('BytesUsedForCache'),
    { statistic: 'Maximum', above: 0.8 * maxGb * GB, periods: 3 },
  ),
  RedisThrottled: alarm(
    'Redis turns commands away: it grows more slowly than the traffic.',
    ofCache('ThrottledCmds'),
    lasting,
  ),
});

/** Of somebody's Redis only its own word is known, where maxmemory bounds it. */
const ofGivenRedis = {
  RedisNearlyFull: alarm(
    'Redis holds more than 80 % of its maxmemory. When it is full, counting stops and waits.',
    ofMem('consumer')('RedisUsedMemory'),
    { statistic: 'Maximum', above: 80, periods: 3 },
  ),
};

/** Where an event log is kept. */
const ofEventLog = {
  ArchiveErrors: archiveFails(),
  EventLogBehind: notLogged(),
  EventLogLost: alarm(
    'Records left the stream before they were in the event log: a rebuild from it lacks them.',
    ofMem('archive')('LostRanges'),
  ),
};

module.exports = { always, ofEventLog, ofOwnRedis, ofGivenRedis };
