// The dashboard in CloudWatch: what comes in, what is counted, and what goes wrong.
const { ofApi, ofCache, ofFunction, ofMem, ofStream } = require('./metrics.cjs');

const WIDTH = 8;
const HEIGHT = 6;
const PER_ROW = 3;

/** Dimensions are told as a list of names and values, after the metric's name. */
function lineOf({ Namespace, MetricName, Dimensions }, stat) {
  return [Namespace, MetricName, ...Dimensions.flatMap(({ Name, Value }) => [Name, Value]), { stat }];
}

const graph = (title, stat, metrics) => ({ title, lines: metrics.map((metric) => lineOf(metric, stat)) });

const ingest = ofMem('ingest');
const consumer = ofMem('consumer');
const functions = ['Ingest', 'Consumer', 'Recover', 'Archive', 'Report'].map(ofFunction);

const graphs = [
  graph(
    'Events taken and refused',
    'Sum',
    ['AcceptedEvents', 'RejectedEvents', 'StreamUnavailable', 'ThrottledRequests'].map(ingest),
  ),
  graph('Requests', 'Sum', [ofApi('Count'), ofApi('4xx'), ofApi('5xx')]),
  graph('Latency of requests, p95, ms', 'p95', [ofApi('Latency'), ofApi('IntegrationLatency')]),
  graph('Events counted, and duplicates that were not', 'Sum', ['CountedEvents', 'DuplicateEvents'].map(consumer)),
  graph('How old records are when they are counted, ms', 'Maximum', [
    ofFunction('Consumer')('IteratorAge'),
    consumer('OldestRecordAge'),
    consumer('OldestUncountedAge'),
  ]),
  graph('Shards behind, and records counted again', 'Maximum', ['ShardsBehind', 'HealedRecords'].map(consumer)),
  graph(
    'What went wrong in counting',
    'Sum',
    ['FailedBatches', 'RefusedApplies', 'QuarantinedRecords', 'QuarantinedEvents', 'FailedHeals', 'LostRanges'].map(
      consumer,
    ),
  ),
  graph(
    'Errors and throttles of functions',
    'Sum',
    functions.flatMap((metric) => ['Errors', 'Throttles'].map(metric)),
  ),
  graph('Stream, bytes and throttles', 'Sum', ['IncomingBytes', 'WriteProvisionedThroughputExceeded'].map(ofStream)),
];

const graphsOfOwnRedis = [
  graph('Redis, bytes', 'Maximum', [ofCache('BytesUsedForCache')]),
  graph('Redis, processing units and throttles', 'Sum', ['ElastiCacheProcessingUnits', 'ThrottledCmds'].map(ofCache)),
];

/** @param {boolean} ownRedis */
function dashboard(ownRedis) {
  const widgets = [...graphs, ...(ownRedis ? graphsOfOwnRedis : [])].map(({ title, lines }, i) => ({
    type: 'metric',
    x: (i % PER_ROW) * WIDTH,
    y: Math.floor(i / PER_ROW) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: { title, metrics: lines, region: '${AWS::Region}', period: 300, view: 'timeSeries' },
  }));
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      DashboardName: '${self:service}-${sls:stage}',
      DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) },
    },
  };
}

module.exports = { dashboard };
