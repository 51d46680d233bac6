import { ASSUMED, EVENT, REQUEST, SETTINGS } from './usage.ts';

/** A load at its highest moment. */
export interface Peak {
  /** Events a second, duplicates included. */
  events: number;
  /** Events in one request. */
  perRequest: number;
}

/** What one part has to do at that moment, and what it may. */
export interface Need {
  part: string;
  need: number;
  /** What an account has without asking; Infinity where nothing bounds it. */
  quota: number;
  unit: string;
  /** What moves that wall. */
  more: string;
}

/** AWS' published quotas of a region such as us-east-1, read in November 2026, and what was measured here. */
export const WALLS = {
  /** Ours: `throttling` in deploy/settings.cjs. */
  throttling: 1_000,
  /** Ours, too: `eventLimits`. */
  eventLimits: 10_000,
  apiRequests: 10_000,
  concurrency: 1_000,
  /** 10 GB/s in us-east-1, us-west-2 and eu-west-1. */
  streamBytes: 200e6,
  shardRecords: 1_000,
  shardBytes: 1e6,
  tableWrites: 40_000,
  /** CPU of one core for an event in a batch of 1,000, µs: `npm run bench consumer`. */
  redisMicroseconds: 5,
} as const;

/** A core is not to be busier than that, or latency grows. */
const BUSY = 0.7;

/** What each part needs at a peak, in the order in which an event meets them. */
export function needsAt({ events, perRequest }: Peak): Need[] {
  const requests = events / perRequest;
  const recordBytes = REQUEST.envelopeBytes + perRequest * EVENT.bytes;
  const bytes = requests * recordBytes;
  const shards = Math.ceil(Math.max(requests / WALLS.shardRecords, bytes / WALLS.shardBytes));
  const milliseconds = ASSUMED.ingestMs + (perRequest - 1) * ASSUMED.ingestMsPerEvent;
  const perShard = events / shards;
  return [
    {
      part: 'throttling',
      need: requests,
      quota: WALLS.throttling,
      unit: 'requests/s',
      more: 'the setting `throttling`; larger batches',
    },
    {
      part: 'event limits',
      need: events,
      quota: WALLS.eventLimits,
      unit: 'events/s',
      more: 'the setting `eventLimits`',
    },
    {
      part: 'HTTP API',
      need: requests,
      quota: WALLS.apiRequests,
      unit: 'requests/s',
      more: 'Service Quotas, API Gateway; larger batches',
    },
    {
      part: 'Lambda (ingest)',
      need: (requests * milliseconds) / 1_000,
      quota: WALLS.concurrency,
      unit: 'at once',
      more: 'Service Quotas, Lambda, concurrent executions',
    },
    {
      part: 'Kinesis',
      need: bytes / 1e6,
      quota: WALLS.streamBytes / 1e6,
      unit: 'MB/s',
      more: 'AWS Support; 10 GB/s in three regions',
    },
    { part: 'shards', need: shards, quota: Infinity, unit: 'shards', more: 'an on-demand stream adds them by itself' },
    {
      part: 'Lambda (consumer)',
      need: perShard,
      quota: shardCapacity(perRequest),
      unit: 'events/s a shard',
      more: 'more shards; more memory',
    },
    {
      part: 'DynamoDB claims',
      need: events * EVENT.claimWrites,
      quota: WALLS.tableWrites,
      unit: 'writes/s',
      more: 'Service Quotas, DynamoDB, write units of a table',
    },
    {
      part: 'Redis, one core',
      need: events,
      quota: (BUSY * 1e6) / WALLS.redisMicroseconds,
      unit: 'events/s',
      more: 'a faster core; counters spread over slots (docs/adr)',
    },
  ];
}

/** One invocation at a time for a shard: so many events a second it counts, in whole batches. */
function shardCapacity(perRequest: number): number {
  const events = SETTINGS.batchSize * perRequest;
  return (1_000 * events) / (ASSUMED.batchMs + events * ASSUMED.batchMsPerEvent);
}

/** The highest peak that every part takes without asking AWS for more, events a second. */
export function firstWall(perRequest: number): { part: string; events: number } {
  const at = 1_000_000;
  const walls = needsAt({ events: at, perRequest })
    .filter(({ unit }) => unit !== 'events/s a shard') // grows with shards
    .map(({ part, need, quota }) => ({ part, events: (at * quota) / need }));
  return walls.reduce((lowest, wall) => (wall.events < lowest.events ? wall : lowest));
}
