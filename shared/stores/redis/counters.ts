import type { Result } from 'ioredis';
import applyBatchLua from './lua/apply-batch.lua';
import { createRedisKeys } from './keys.ts';
import type { RedisClient } from './client.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';

/** What a batch adds to one experiment. */
export interface ExperimentSums {
  /** (variant, event, segment) -> how many */
  counts: Map<string, number>;
  /** (UTC day, variant, event) -> how many */
  days: Map<string, number>;
  /** (variant, event) -> units, or uuids where there is no unit */
  uniques: Map<string, Set<string>>;
  /** When the door received the earliest and the latest of these events, ms; missing where nothing is counted. */
  received?: { first: number; last: number };
  /** Events of units in stream order: they interleave, so they cannot be summed by kind. */
  visits: Visit[];
}

/** [unit, variant, goal or '' for an exposure, value, …segments], names encoded as in the fields of moments */
export type Visit = [unit: string, variant: string, goal: string, value: number, ...segments: string[]];

/** Experiment's id -> what the batch adds to it. */
export type BatchSums = Map<string, ExperimentSums>;

/** Shard -> last applied sequence number; a shard without one is missing. */
export type Watermarks = ReadonlyMap<string, SequenceNumber>;

export interface Move {
  /** What the pointer to the served generation must still be. */
  pointer: string;
  /** The generation that is counted into. */
  generation: string;
  shard: string;
  /** The shard's watermark must still be this one… */
  expected: SequenceNumber | undefined;
  /** …and becomes this one. */
  next: SequenceNumber;
  ancestors: readonly string[];
  /** What the ancestors' watermarks must still be. */
  watermarks: Watermarks;
  respectHold: boolean;
}

export type ApplyResult = 'applied' | 'conflict' | 'stale generation' | 'held';

export interface Counters {
  /** The served generation; undefined in an empty Redis. */
  readPointer: () => Promise<string | undefined>;
  /** Sets the pointer where there is none, and answers what it is then. */
  initPointer: (generation: string) => Promise<string>;
  readWatermarks: (generation: string, shards: readonly string[]) => Promise<Watermarks>;
  /** Adds the sums and moves the watermark in one step, or changes nothing and says why. */
  apply: (move: Move, sums: BatchSums) => Promise<ApplyResult>;
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    memApplyBatch(numberOfKeys: number, ...keysAndArguments: string[]): Result<ApplyResult, Context>;
  }
}

/** @param prefix the hash tag under which every key lies */
export function createCounters(redis: RedisClient, prefix: string): Counters {
  const keys = createRedisKeys(prefix);
  redis.defineCommand('memApplyBatch', { lua: applyBatchLua });

  return {
    readPointer: async () => (await redis.get(keys.pointer)) ?? undefined,

    async initPointer(generation) {
      await redis.setnx(keys.pointer, generation);
      return (await redis.get(keys.pointer)) ?? generation;
    },

    async readWatermarks(generation, shards) {
      const values = await redis.hmget(keys.watermarks(generation), ...shards);
      const watermarks = new Map<string, SequenceNumber>();
      shards.forEach((shard, index) => {
        const value = values[index];
        if (value) watermarks.set(shard, value);
      });
      return watermarks;
    },

    async apply(move, sums) {
      const { generation } = move;
      const keyList = [keys.pointer, keys.hold, keys.watermarks(generation), keys.experiments(generation)];
      const keyNumber = (key: string) => keyList.push(key);
      const activity = keyNumber(keys.activity(generation));
      const batch = [...sums].map(([id, { counts, days, received, uniques, visits }]) => ({
        name: id,
        keys: {
          counts: keyNumber(keys.counts(generation, id)),
          days: keyNumber(keys.days(generation, id)),
          ...(received && { activity }),
          ...(visits.length > 0 && {
            units: keyNumber(keys.units(generation, id)),
            moments: keyNumber(keys.moments(generation, id)),
          }),
        },
        counts: [...counts].flat(),
        days: [...days].flat(),
        ...(received && { received: [received.first, received.last] }),
        uniques: [...uniques].map(([pair, members]) => [keyNumber(keys.uniques(generation, id, pair)), ...members]),
        visits,
      }));
      return redis.memApplyBatch(
        keyList.length,
        ...keyList,
        move.pointer,
        move.respectHold ? 'yes' : 'no',
        move.shard,
        move.expected ?? '',
        move.next,
        JSON.stringify(move.ancestors.map((shard) => [shard, move.watermarks.get(shard) ?? ''])),
        JSON.stringify(batch),
      );
    },
  };
}
