import { nothingDeleted } from '../counting/events.ts';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import { RETENTION_MS } from '../../chaos/world/tables.ts';
import { createNoticeGap } from '../../../shared/counting/gap.ts';
import { createSamples } from '../../../shared/counting/limits/samples.ts';
import { NO_EVENT_LOG } from '../../../shared/counting/log/event-log.ts';
import { replay, type ReplayOptions, type ReplayResult } from '../../../shared/counting/replay.ts';
import { consume, type ConsumerDeps } from '../../../shared/counting/consume.ts';
import { recoverAll, recoverShards, type RecoverDeps } from '../../../shared/counting/recover.ts';
import { createTableStores } from '../../chaos/world/table-stores.ts';
import { createWorld, type World } from '../../chaos/world/world.ts';
import type { Loss } from '../../../shared/counting/ports.ts';
import type { Redis } from 'ioredis';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { admitAll } from '../counting/memory-names.ts';
import { encodeRecords } from '../../../shared/counting/stream-record.ts';

/** The simulator's stream and tables, with nothing that disturbs: what a test needs that is about retention. */
export interface UntouchedWorld extends World {
  /** One record for each event, a second apart. @returns their sequence numbers */
  put: (events: readonly TrackedEvent[]) => string[];
  /** Delivers everything that waits. */
  deliverAll: () => Promise<void>;
  heal: () => Promise<boolean>;
  /** What each healing run said of how many shards are behind. */
  behind: number[];
  replay: (options?: Partial<ReplayOptions>) => Promise<ReplayResult>;
  /** `variant:event` -> count of the experiment `button` in the served generation. */
  counts: () => Promise<Record<string, number>>;
  /** What the served generation is known to lack. */
  losses: () => Promise<Loss[]>;
}

const PLENTY = () => 300_000;
const ignore = () => undefined;

export function createUntouchedWorld(redis: Redis, prefix: string): UntouchedWorld {
  const world = createWorld(redis, prefix, 1, {});
  const { stream, box, mapping, tables } = world;
  const sleep = () => Promise.resolve();
  const behind: number[] = [];
  const stores = {
    ...world,
    stream: stream.name,
    counters: box.counters,
    countEvents: createCountEvents({ ...box, deletions: nothingDeleted }),
    carryOver: () => Promise.resolve('nothing' as const),
    counterReader: box.counterReader,
    generationStore: box.generationStore,
    lineage: stream.lineage,
    reader: stream.reader,
    log: NO_EVENT_LOG,
    ...createTableStores(tables.dynamodb.client, {
      now: world.now,
      storeNow: () => Promise.resolve(world.now()),
      sleep,
    }),
    sleep,
    retentionMs: RETENTION_MS,
    onPage: ignore,
    say: ignore,
    onBehind: (shards: number) => behind.push(shards),
    onRecovered: ignore,
  };
  const recoverDeps: RecoverDeps = stores;
  const consumerDeps: ConsumerDeps = {
    ...stores,
    noticeGap: createNoticeGap(recoverDeps),
    samples: createSamples(Date.now),
    admit: admitAll,
    catchUp: (behind, generation, timeLeft) => recoverShards(behind, generation, recoverDeps, timeLeft),
    observe: ignore,
  };
  return {
    ...world,
    behind,
    put: (events) =>
      events.map((event) => {
        world.pass(1_000);
        const [record] = encodeRecords({ at: world.now(), events: [event] }, () => 'key').flat();
        const shard = record && stream.put(record.partitionKey, record.data, world.now());
        return shard?.records.at(-1)?.sequence ?? '';
      }),
    async deliverAll() {
      for (const shard of mapping.ready()) {
        const batch = mapping.cut(shard, 1_000, 0);
        const task = { name: 0, kind: 'consumer', state: 'running' as const, pending: [], calls: 0, enter: refuse };
        mapping.assign(shard, task);
        mapping.answer(shard, task, batch, await consume(shard.id, batch, consumerDeps, PLENTY));
      }
    },
    heal: () => recoverAll(recoverDeps, PLENTY),
    replay: (options = {}) => replay({ dryRun: false, acceptLoss: false, ...options }, stores),
    losses: async () => stores.losses.read((await box.counters.readPointer()) ?? ''),
    async counts() {
      const generation = (await box.counters.readPointer()) ?? 'none';
      const fields = await redis.hgetall(box.keys.counts(generation, 'alephbet:button@0'));
      return Object.fromEntries(Object.entries(fields).map(([field, count]) => [field, Number(count)]));
    },
  };
}

const refuse = () => Promise.reject(new Error('nothing waits here'));
