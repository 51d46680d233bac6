// The choices that serverless.yml cannot make by itself: it asks for ${file(./deploy/settings.cjs):…}.
const { createHash } = require('node:crypto');
const { join } = require('node:path');
const alarms = require('./alarms.cjs');
const { checkConfig, readConfig } = require('./config.cjs');
const { dashboard } = require('./dashboard.cjs');

const RETENTION_HOURS = 168;
const CLAIM_WINDOW_DAYS = 30;
/** The newest that our consumer reads: see shared/contract/versions.ts. */
const RECORD_VERSION = 2;

/** At 100 million single events a month, batches cost a quarter of what they cost with one second. */
const BATCH_WINDOW_SECONDS = 5;

/** As many as a site with millions of visitors a day sends; a flood costs no more than that. */
const THROTTLING = { requestsPerSecond: 1_000, burst: 2_000 };

/** Of `GET /v1/config`: anybody may ask, and caches do not. */
const CONFIG_THROTTLING = { requestsPerSecond: 200, burst: 400 };
/** A request may hold 500 events: throttling alone would let half a million of them through each second. */
const EVENT_LIMITS = { perSecond: 10_000, perSecondByAddress: 2_500, perHourByUnit: 1_000 };

/** HTTP routes of the ingest function. Preflight questions to any path are answered there, too. */
function ingestEvents(trackPaths) {
  const tracking = ['/track', '/events', ...trackPaths].flatMap((path) => [
    ...(path === '/events' ? [] : [{ httpApi: { method: 'GET', path } }]),
    { httpApi: { method: 'POST', path } },
  ]);
  return [...tracking, { httpApi: { method: 'OPTIONS', path: '/{proxy+}' } }];
}

/** A cache in a network of its own: the functions that use it are in there, too. Settings of a function may be empty. */
const OWN_REDIS = {
  file: 'redis-own.yml',
  url: { 'Fn::Sub': 'rediss://${RedisCache.Endpoint.Address}:${RedisCache.Endpoint.Port}' },
  urlParameter: '',
  cluster: 'true', // ElastiCache Serverless knows nothing else
  kinesisOverIpv6: 'true',
  vpc: {
    subnetIds: [{ Ref: 'SubnetA' }, { Ref: 'SubnetB' }],
    securityGroupIds: [{ 'Fn::GetAtt': ['FunctionsSecurityGroup', 'GroupId'] }],
    ipv6AllowedForDualStack: true,
  },
};

const REDIS_MAX_GB = 10;

/** Names of an account's: a cache that is made from a snapshot, and what it will leave behind, need others. */
function ownRedisProperties({ redisMaxGb = REDIS_MAX_GB, redisSnapshot }) {
  const properties = { CacheUsageLimits: { DataStorage: { Maximum: redisMaxGb, Unit: 'GB' } } };
  if (redisSnapshot === undefined) return properties;
  const part = createHash('sha256').update(redisSnapshot).digest('hex').slice(0, 6);
  const name = '${self:service}-${sls:stage}';
  return {
    ...properties,
    ServerlessCacheName: `${name}-${part}`,
    SnapshotArnsToRestore: [redisSnapshot],
    FinalSnapshotName: {
      'Fn::Sub': [`${name}-\${Part}-${part}`, { Part: PART_OF_STACK }],
    },
  };
}

const PART_OF_STACK = {
  'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }],
};

/** Somebody's Redis, reached over the internet. Its URL is in an SSM parameter, not here: see docs/adr/aws/0012. */
function givenRedis({ redisUrlParameter, redisCluster = false }, stage) {
  return {
    file: 'redis-given.yml',
    url: '',
    urlParameter: redisUrlParameter ?? `/mem/${stage}/redis-url`,
    cluster: String(redisCluster),
    kinesisOverIpv6: 'false',
    vpc: false, // null would be asked for again by every function
  };
}

const LOG_EVERY = 'rate(1 hour)';

/** Counted events in files of S3. Without it the function that writes them is there, and nobody calls it. */
function eventLogOf({ eventLog = true }) {
  if (!eventLog) return { place: '', events: [], files: [] };
  return {
    place: { 'Fn::Sub': 's3://${EventLogBucket}' },
    events: [{ schedule: LOG_EVERY }],
    files: ['event-log.yml'],
  };
}

/** What is set on resources that the framework makes, only where there is something to set. */
function extensions({ throttling = THROTTLING, configThrottling = CONFIG_THROTTLING, reservedConcurrency = {} }) {
  const settingsOf = ({ requestsPerSecond, burst }) => ({
    DetailedMetricsEnabled: false, // by route: each would be paid for, and nothing asks for them
    ThrottlingRateLimit: requestsPerSecond,
    ThrottlingBurstLimit: burst,
  });
  const functions = Object.entries(reservedConcurrency).map(([name, ReservedConcurrentExecutions]) => [
    `${name[0].toUpperCase()}${name.slice(1)}LambdaFunction`,
    { Properties: { ReservedConcurrentExecutions } },
  ]);
  const stage = {
    DependsOn: ['HttpApiRouteGetV1Config'], // a stage cannot be made with settings for a route that is not there yet
    Properties: {
      DefaultRouteSettings: settingsOf(throttling),
      RouteSettings: { 'GET /v1/config': settingsOf(configThrottling) },
    },
  };
  return { HttpApiStage: stage, ...Object.fromEntries(functions) };
}

function isSigned({ signedOnly = {} }) {
  return Object.keys(signedOnly).length > 0;
}

module.exports = ({ options }) => {
  const config = readConfig(process.env.MEM_FOLDER ?? join(__dirname, '..')); // `mem deploy` says whose folder it is
  const {
    trackPaths = [],
    retentionHours = RETENTION_HOURS,
    claimWindowDays = CLAIM_WINDOW_DAYS,
    claimsCapacity,
  } = config;
  const stage = options.stage ?? config.stage ?? 'dev';
  const region = options.region ?? config.region ?? 'us-east-1';
  checkConfig({ ...config, stage, region }); // options, too
  const redis = config.redisUrl || config.redisUrlParameter ? givenRedis(config, stage) : OWN_REDIS;
  const eventLog = eventLogOf(config);
  const files = ['stores.yml', 'roles.yml', 'outputs.yml', redis.file, ...eventLog.files];
  if (redis === OWN_REDIS && eventLog.place !== '') files.push('event-log-network.yml');
  if (claimsCapacity) files.push('claims-capacity.yml');
  if (isSigned(config)) files.push('signing.yml');
  if (config.alarmEmail) files.push('alarm-email.yml');
  return {
    stage,
    region,
    ingestEvents: ingestEvents(trackPaths),
    // As the functions' environment has them.
    allowedOrigins: (config.allowedOrigins ?? []).join(','),
    countCrawlers: String(config.countCrawlers ?? false),
    recordVersion: String(config.recordVersion ?? RECORD_VERSION),
    eventLimits: JSON.stringify({ ...EVENT_LIMITS, ...config.eventLimits }),
    signedOnly: JSON.stringify(config.signedOnly ?? {}),
    signingSecretParameter: isSigned(config) ? (config.signingSecretParameter ?? `/mem/${stage}/signing-secret`) : '',
    limits: JSON.stringify(config.limits ?? {}),
    countOnlyDefined: String(config.countOnlyDefined ?? false),
    retentionHours: String(retentionHours),
    claimWindowDays: String(claimWindowDays),
    batchWindowSeconds: config.batchWindowSeconds ?? BATCH_WINDOW_SECONDS,
    claimsCapacity: claimsCapacity ?? {},
    redis,
    eventLog,
    redisPrefix: config.redisPrefix ?? '',
    // Another one makes functions start anew, and read the URL again: see `mem deploy`.
    redisUrlVersion: process.env.MEM_REDIS_URL_VERSION ?? '',
    alarmEmail: config.alarmEmail ?? '',
    alarmActions: config.alarmEmail ? [{ Ref: 'AlarmTopic' }] : [],
    resources: [
      ...files.map((file) => `\${file(./deploy/resources/${file})}`),
      { Resources: { EventStream: { Properties: { RetentionPeriodHours: retentionHours } } } },
      ...(redis === OWN_REDIS ? [{ Resources: { RedisCache: { Properties: ownRedisProperties(config) } } }] : []),
      {
        Resources: {
          ...alarms.always,
          ...(eventLog.place === '' ? {} : alarms.ofEventLog),
          ...(redis === OWN_REDIS ? alarms.ofOwnRedis(config.redisMaxGb ?? REDIS_MAX_GB) : alarms.ofGivenRedis),
        },
      },
      { Resources: { Dashboard: dashboard(redis === OWN_REDIS) } },
      { extensions: extensions(config) },
    ],
  };
};
