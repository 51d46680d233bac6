import type { Prices } from './prices.ts';
import { ASSUMED, BATCH, CONFIG_REQUEST, EVENT, INGEST_LINE, LOG, REQUEST, SETTINGS, VISITOR_BYTES } from './usage.ts';

/** What is to be paid for. */
export interface Load {
  /** Different events a month; duplicates come on top. */
  events: number;
  /** Events in one request. */
  perRequest: number;
  duplicates: number;
  ingestMs: number;
  batchWindowSeconds: number;
  /** Visitors with a unit whom Redis holds, over all experiments. */
  visitors: number;
  redis: 'serverless' | 'own';
  /** How claims are paid for: by the write, or by what is ready for them. */
  claims: 'on-demand' | 'provisioned';
  /** How much is used of what is provisioned, above 0 and up to 1. */
  capacityUse: number;
  /** Whether counted events are kept in files, too. */
  eventLog: boolean;
  /** For `GET /v1/config`, beyond what caches answer. */
  configRequests?: number;
}

/** One part of a month's bill. */
export interface Part {
  name: string;
  /** `event`: grows with events. `batch`: with shards and seconds while there is traffic. `month`: is there without any. */
  kind: 'event' | 'batch' | 'month';
  dollars: number;
  /** What it is made of, for people. */
  because: string;
}

const MILLION = 1e6;
const GB = 2 ** 30;
const KB = 1_024;
const HOURS = 730;
const SECONDS = HOURS * 3_600;
const DAYS = HOURS / 24;

/** What a month costs, part by part. */
export function priceOf(load: Load, prices: Prices): Part[] {
  return [
    ...eventParts(load, prices),
    ...logParts(load, prices),
    ...configParts(load, prices),
    ...batchParts(load, prices),
    ...monthParts(load, prices),
  ];
}

/** The archiver reads the stream and the claims of all events once more. */
function logParts(load: Load, prices: Prices): Part[] {
  if (!load.eventLog) return [];
  const { events, streamGb } = trafficOf(load);
  const reads = events * LOG.claimReads;
  const keptGb = (load.events * ASSUMED.logMonths * LOG.rowBytes) / GB;
  const isOnDemand = load.claims === 'on-demand';
  const readsPrice = isOnDemand
    ? (reads / MILLION) * prices.tableReadsPerMillion
    : (reads / 3_600 / load.capacityUse) * prices.tableReadUnitPerHour;
  return [
    part('event', 'event log, claims', readsPrice, `${millions(reads)} reads${isOnDemand ? '' : '; provisioned'}`),
    part('event', 'event log, Kinesis out', streamGb * prices.streamOutPerGb, `${digits(streamGb)} GB, read again`),
    part(
      'event',
      'event log, Lambda time',
      gbSeconds(SETTINGS.logMb, events * ASSUMED.logMsPerEvent) * prices.lambdaPerGbSecond,
      `${ASSUMED.logMsPerEvent} ms of ${SETTINGS.logMb} MB an event`,
    ),
    part(
      'event',
      'event log, files',
      keptGb * prices.objectsPerGbMonth,
      `${digits(keptGb)} GB: ${LOG.rowBytes} B a row, ${ASSUMED.logMonths} months`,
    ),
  ];
}

function eventParts(load: Load, prices: Prices): Part[] {
  const { events, requests, recordBytes, streamGb } = trafficOf(load);
  const keptGb = streamGb * ((SETTINGS.retentionDays - 1) / DAYS);
  const milliseconds = load.ingestMs + (load.perRequest - 1) * ASSUMED.ingestMsPerEvent;
  const claimGb = (load.events * EVENT.claimBytes * (SETTINGS.claimDays / DAYS)) / GB;
  const counting = gbSeconds(SETTINGS.consumerMb, events * ASSUMED.batchMsPerEvent);
  return [
    part(
      'event',
      'HTTP API requests',
      (requests / MILLION) * prices.httpApiPerMillion,
      `${millions(requests)} requests`,
    ),
    part(
      'event',
      'Lambda requests (ingest)',
      (requests / MILLION) * prices.lambdaPerMillion,
      `${millions(requests * REQUEST.invocations)} invocations`,
    ),
    part(
      'event',
      'Lambda time (ingest)',
      gbSeconds(SETTINGS.ingestMb, requests * milliseconds) * prices.lambdaPerGbSecond,
      `${digits(milliseconds)} ms of ${SETTINGS.ingestMb} MB`,
    ),
    part(
      'event',
      'Lambda time (claims)',
      counting * prices.lambdaPerGbSecond,
      `${ASSUMED.batchMsPerEvent} ms of ${SETTINGS.consumerMb} MB an event`,
    ),
    part(
      'event',
      'Kinesis in',
      streamGb * prices.streamInPerGb,
      `${digits(streamGb)} GB: records of ${recordBytes} B, rounded up to whole KB`,
    ),
    part('event', 'Kinesis out', streamGb * prices.streamOutPerGb, `${digits(streamGb)} GB, read once`),
    part(
      'event',
      'Kinesis retention',
      keptGb * prices.streamKeptPerGbMonth,
      `${SETTINGS.retentionDays - 1} days beyond the first`,
    ),
    claimsPart(load, events * EVENT.claimWrites, prices),
    part(
      'event',
      'DynamoDB storage',
      claimGb * prices.tablePerGbMonth,
      `${digits(claimGb)} GB: ${EVENT.claimBytes} B for ${SETTINGS.claimDays} days`,
    ),
    part(
      'event',
      'data transfer',
      ((requests * REQUEST.answerBytes) / GB) * prices.transferPerGb,
      `${REQUEST.answerBytes} B an answer`,
    ),
  ];
}

/** Capacity follows the traffic, and is paid for whether it is used or not. */
function claimsPart({ claims, capacityUse }: Load, writes: number, prices: Prices): Part {
  const because = `${millions(writes)} writes, failed ones of duplicates too`;
  if (claims === 'on-demand') {
    return part('event', 'DynamoDB claims', (writes / MILLION) * prices.tableWritesPerMillion, because);
  }
  const unitHours = writes / 3_600 / capacityUse;
  return part(
    'event',
    'DynamoDB claims',
    unitHours * prices.tableWriteUnitPerHour,
    `${because}; provisioned, ${digits(capacityUse * 100)} % in use`,
  );
}

function configParts({ configRequests = 0 }: Load, prices: Prices): Part[] {
  if (configRequests === 0) return [];
  const { milliseconds, megabytes, answerBytes, tableReads, everySeconds } = CONFIG_REQUEST;
  const reads = Math.min(configRequests, (ASSUMED.environments * SECONDS) / everySeconds) * tableReads;
  const dollars =
    (configRequests / MILLION) * (prices.httpApiPerMillion + prices.lambdaPerMillion) +
    gbSeconds(megabytes, configRequests * milliseconds) * prices.lambdaPerGbSecond +
    (reads / MILLION) * prices.tableReadsPerMillion +
    ((configRequests * answerBytes) / GB) * prices.transferPerGb;
  return [part('event', 'config', dollars, `${millions(configRequests)} requests that no cache answers`)];
}

function batchParts(load: Load, prices: Prices): Part[] {
  const { events, batches, requests, records } = trafficOf(load);
  const experiments = Math.min(ASSUMED.experimentsPerBatch, Math.max(1, events / Math.max(1, batches)));
  const lines = Math.min(requests, (ASSUMED.environments * SECONDS) / INGEST_LINE.everySeconds);
  const logGb = (batches * BATCH.logLines * BATCH.logBytes + lines * INGEST_LINE.bytes) / GB;
  const tables =
    batches *
    (BATCH.tableReads(experiments) * prices.tableReadsPerMillion + BATCH.tableWrites * prices.tableWritesPerMillion);
  const units =
    batches * (BATCH.redisCommands + BATCH.redisScriptCommands(experiments, records / Math.max(1, batches)));
  return [
    part(
      'batch',
      'Lambda requests (consumer)',
      (batches / MILLION) * prices.lambdaPerMillion,
      `${millions(batches)} batches`,
    ),
    part(
      'batch',
      'Lambda time (consumer)',
      gbSeconds(SETTINGS.consumerMb, batches * ASSUMED.batchMs) * prices.lambdaPerGbSecond,
      `${ASSUMED.batchMs} ms of ${SETTINGS.consumerMb} MB a batch`,
    ),
    part(
      'batch',
      'DynamoDB checkpoints',
      tables / MILLION,
      `${digits(BATCH.tableReads(experiments))} reads, ${BATCH.tableWrites} write a batch`,
    ),
    part('batch', 'logs', logGb * prices.logsPerGb, `${digits(logGb)} GB of metric lines`),
    part(
      'batch',
      'Redis commands',
      load.redis === 'own' ? 0 : (units / MILLION) * prices.redisPerMillionUnits,
      load.redis === 'own' ? 'your own' : 'Valkey Serverless',
    ),
  ];
}

function monthParts(load: Load, prices: Prices): Part[] {
  const isProvisioned = load.claims === 'provisioned';
  const alarms = SETTINGS.alarms + (isProvisioned ? ASSUMED.scalingAlarms : 0);
  const reads = SETTINGS.claimReadUnits * HOURS * prices.tableReadUnitPerHour;
  const redisGb = Math.max(0.1, (load.visitors * VISITOR_BYTES) / GB);
  const heals = (HOURS * 60) / SETTINGS.healEveryMinutes;
  const recovery =
    (heals / MILLION) * prices.lambdaPerMillion +
    gbSeconds(SETTINGS.healMb, heals * ASSUMED.healMs) * prices.lambdaPerGbSecond;
  return [
    part('month', 'Kinesis stream', HOURS * prices.streamPerHour, `${HOURS} hours`),
    part(
      'month',
      'Redis memory',
      load.redis === 'own' ? 0 : redisGb * HOURS * prices.redisPerGbHour,
      load.redis === 'own' ? 'your own' : `${digits(redisGb)} GB of Valkey Serverless, at least 0.1`,
    ),
    part('month', 'custom metrics', SETTINGS.metrics * prices.metricPerMonth, `${SETTINGS.metrics}`),
    part('month', 'alarms', alarms * prices.alarmPerMonth, `${alarms} at most`),
    ...(isProvisioned
      ? [part('month', 'DynamoDB reads of claims', reads, `${SETTINGS.claimReadUnits} units that are ready`)]
      : []),
    part('month', 'recovery', recovery, `a run every ${SETTINGS.healEveryMinutes} minutes`),
    ...(load.eventLog ? [logRunsPart(prices)] : []),
  ];
}

function logRunsPart(prices: Prices): Part {
  const runs = HOURS / SETTINGS.logEveryHours;
  const dollars =
    (runs / MILLION) * prices.lambdaPerMillion +
    gbSeconds(SETTINGS.logMb, runs * ASSUMED.logRunMs) * prices.lambdaPerGbSecond +
    ((runs * ASSUMED.shards * LOG.putsAndLists) / MILLION) * prices.objectWritesPerMillion;
  return part('month', 'event log, runs', dollars, `one an hour, ${ASSUMED.shards} shards`);
}

/**
 * A batch waits for its window from its first record on, so that it has one record and those that come meanwhile; or as
 * many as it takes. Records are taken to come evenly to all shards.
 */
function trafficOf({ events: different, duplicates, perRequest, batchWindowSeconds }: Load) {
  const events = different * (1 + duplicates);
  const requests = events / perRequest;
  const records = requests * REQUEST.records;
  const recordBytes = REQUEST.envelopeBytes + perRequest * EVENT.bytes;
  const streamGb = (records * Math.ceil(recordBytes / KB) * KB) / GB;
  const perShardAndSecond = records / (ASSUMED.shards * SECONDS);
  const perBatch = Math.min(SETTINGS.batchSize, 1 + perShardAndSecond * batchWindowSeconds);
  return { events, requests, records, recordBytes, streamGb, batches: records / perBatch };
}

function part(kind: Part['kind'], name: string, dollars: number, because: string): Part {
  return { kind, name, dollars, because };
}

function gbSeconds(megabytes: number, milliseconds: number): number {
  return (megabytes / 1_024) * (milliseconds / 1_000);
}

function millions(count: number): string {
  return `${digits(count / MILLION)} million`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

export function sumOf(parts: readonly Part[], kinds: readonly Part['kind'][] = ['event', 'batch', 'month']): number {
  return parts.reduce((sum, { kind, dollars }) => (kinds.includes(kind) ? sum + dollars : sum), 0);
}
