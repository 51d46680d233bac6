import { createSamples } from '../../shared/counting/limits/samples.ts';
import type { Redis } from 'ioredis';
import { createAdmission } from '../../shared/counting/limits/admit.ts';
import { consume, type ConsumerDeps } from '../../shared/counting/consume.ts';
import { createConsumerDeps } from '../../functions/consumer/deps.ts';
import type { ShardRecord } from '../../shared/counting/decode.ts';
import { readConsumerConfig } from '../../shared/runtime/config.ts';
import { decodeRecord } from '../../shared/counting/stream-record.ts';
import { createCounters } from '../../shared/stores/redis/counters.ts';
import { createNameRegistry } from '../../shared/counting/limits/name-registry.ts';
import { DEFAULT_LIMITS } from '../../shared/contract/limits.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { connectStores } from '../../shared/stores/connect.ts';
import { connectRedis } from '../../shared/stores/redis/client.ts';
import { createMemoryNameLists } from '../../tests/support/counting/memory-names.ts';
import { nextRecords } from '../events.ts';
import { createCountEvents } from '../../shared/counting/visitors/count-events.ts';
import { cpuPerCall } from './measure.ts';
import { watchRedis } from './redis-use.ts';
import type { BenchServers } from '../servers.ts';
import type { Row } from './table.ts';

const STREAM = 'bench';
/** For each size of a batch, how many batches make a round. */
const BATCHES: [size: number, batches: number][] = [
  [1, 500],
  [100, 40],
  [1_000, 8],
];
/** CPU of ours, and what Redis has to do, for each event, by size of the batch. */
export async function benchConsumer(servers: BenchServers): Promise<Row[]> {
  const rows: Row[] = [];
  for (const unit of [false, true]) {
    for (const [size, batches] of BATCHES) rows.push(...(await benchCore(servers.redisUrl, { unit, size, batches })));
  }
  for (const [size, batches] of BATCHES) rows.push(await benchDynamoDB(servers, size, batches));
  return rows;
}

interface Load {
  unit: boolean;
  size: number;
  batches: number;
}

/** The core and Redis, with claims in memory. */
async function benchCore(redisUrl: string, { unit, size, batches }: Load): Promise<Row[]> {
  const observer = connectRedis(redisUrl, say);
  const redis = connectRedis(redisUrl, say);
  await redis.flushall();
  const deps = inMemoryDeps(redis);

  let events = 0;
  const [cpu, use] = await watchRedis(observer, redis, () =>
    cpuPerCall({
      calls: batches,
      prepare: () => nextRecords(size, unit),
      call: (records) => {
        events += records.length;
        return count(records, deps);
      },
    }),
  );
  await Promise.all([redis.quit(), observer.quit()]);

  const atThousand = (limits: Pick<Row, 'target' | 'others'>) => (size === 1_000 ? limits : {});
  return [
    { what: `consumer, batches of ${size}${unit ? ', with unit' : ''}: CPU an event`, value: cpu / size, unit: 'µs' },
    { what: '  commands sent to Redis', value: use.sent / events, unit: '', ...atThousand(COMMANDS) },
    { what: '  commands run by its scripts', value: use.inScripts / events, unit: '' },
    { what: '  CPU of Redis', value: use.cpuMicros / events, unit: 'µs', ...atThousand(REDIS_CPU) },
    { what: '  new connections', value: use.connections / events, unit: '' },
  ];
}

const COMMANDS = { target: 0.05, others: 'Gimel 6, Lamed 12' };
const REDIS_CPU = { target: 5, others: 'Gimel 86, Lamed 196' };

/** With the stores of the deployed consumer: what the SDK costs. */
async function benchDynamoDB(servers: BenchServers, size: number, batches: number): Promise<Row> {
  const { redisUrl, awsEndpoint } = servers;
  const config = readConsumerConfig({
    STREAM_NAME: STREAM,
    CLAIMS_TABLE: 'claims',
    STATE_TABLE: 'state',
    REDIS_URL: redisUrl,
    KINESIS_ENDPOINT: awsEndpoint,
    DYNAMODB_ENDPOINT: awsEndpoint,
    REDIS_PREFIX: `{dynamodb-${size}}`,
  });
  const stores = await connectStores(config, (what, reason) => console.error(`${what}: ${reason}`));
  const deps = createConsumerDeps(stores, createLogger('consumer'), silentMeter);
  const calls = Math.ceil(batches / 4);
  const cpu = await cpuPerCall({
    calls,
    prepare: () => nextRecords(size, false),
    call: (records) => count(records, deps),
  });
  return { what: `consumer with DynamoDB's client, batches of ${size}: CPU an event`, value: cpu / size, unit: 'µs' };
}

async function count(records: readonly ShardRecord[], deps: ConsumerDeps): Promise<void> {
  const failed = await consume('shardId-000000000000', records, deps, () => 60_000);
  if (failed !== undefined) throw new Error(`the consumer failed from ${failed} on`);
}

/** What the consumer needs beside Redis, at no cost. */
function inMemoryDeps(redis: Redis): ConsumerDeps {
  const claimed = new Set<string>();
  const counters = createCounters(redis, '{bench}');
  return {
    stream: STREAM,
    counters,
    countEvents: createCountEvents({ counters, deletions: { read: () => Promise.resolve(new Map()) } }),
    carryOver: () => Promise.resolve('nothing'),
    claims: {
      claim: (requests) =>
        Promise.resolve(
          requests.map(({ id }) => {
            const key = Buffer.from(id).toString('latin1');
            if (claimed.has(key)) return 'duplicate';
            claimed.add(key);
            return 'owned';
          }),
        ),
    },
    checkpoints: { read: () => Promise.resolve(new Map()), advance: () => Promise.resolve() },
    quarantine: { put: ({ reason }) => Promise.reject(new Error(reason)) },
    formats: { decode: decodeRecord, highest: () => Promise.resolve(0) },
    deletions: { read: () => Promise.resolve(new Map()) },
    generations: { next: () => Promise.resolve('g1') },
    lineage: { ancestorsOf: () => Promise.resolve([]) },
    noticeGap: () => Promise.resolve(),
    samples: createSamples(Date.now),
    admit: createAdmission({
      registry: createNameRegistry(createMemoryNameLists(), DEFAULT_LIMITS, Date.now),
      definitions: { readMany: () => Promise.resolve(new Map()), readAll: () => Promise.resolve([]) },
      limits: DEFAULT_LIMITS,
      countOnlyDefined: false,
      now: Date.now,
    }),
    catchUp: () => Promise.resolve(false),
    observe: (event) => {
      if (event.kind === 'failed') console.error(event.error);
    },
  };
}

const silentMeter = {
  count: () => undefined,
  milliseconds: () => undefined,
  percent: () => undefined,
  flush: () => undefined,
};

function say(error: Error): void {
  console.error(error.message);
}
