import type { Result } from 'ioredis';
import applySliceLua from './lua/apply-slice.lua';
import type { Code } from './codes.ts';
import { createKeyList, type KeyList } from './key-list.ts';
import { createRedisKeys, type RedisKeys } from './keys.ts';
import type { RedisClient } from './client.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';
import { createVisitorStore, packRecords, toHex, type RecordUpdate, type VisitorRecords } from './visitor-store.ts';

/** What a slice adds to one experiment. Fields are encoded: see fieldOf(). */
export interface ExperimentSums {
  /** How many events there are in all. */
  total: number;
  /** (variant, event) -> how many */
  counts: Map<string, number>;
  /** (variant, event, segment) -> how many */
  segments: Map<string, number>;
  /** (UTC day, variant, event) -> how many */
  days: Map<string, number>;
  /** (variant, event) -> units, or uuids where there is no unit */
  uniques: Map<string, Set<string>>;
  /** When the endpoint received the earliest and the latest of these events, ms. */
  received: { first: number; last: number };
  /** (variant) -> [units, crossed over], (variant, goal) -> [converted, Σn, Σn², Σv, Σv²], all by how much they grow */
  moments: ReadonlyMap<string, readonly number[]>;
  /** The same of each segment. */
  segmentMoments: ReadonlyMap<string, readonly number[]>;
}

/** Experiment's id -> what the slice adds to it. */
export type SliceSums = ReadonlyMap<string, ExperimentSums>;

/** What one slice of a shard's records changes. */
export interface SliceUpdate {
  sums: SliceSums;
  /** Every record that was read, also those that stay as they are. */
  records: readonly RecordUpdate[];
  /** Every entry of a dictionary that was relied on. */
  codes: ReadonlyMap<string, ReadonlyMap<Code, string>>;
}

export const NO_UPDATE: SliceUpdate = { sums: new Map(), records: [], codes: new Map() };

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

/** `changed`: a record, or an entry of a dictionary, is not what was read; the others are about the shard. */
export type ApplyResult = 'applied' | 'conflict' | 'changed' | 'stale generation' | 'held';

export interface Counters extends VisitorRecords {
  /** The served generation; undefined in an empty Redis. */
  readPointer: () => Promise<string | undefined>;
  /** Sets the pointer where there is none, and answers what it is then. */
  initPointer: (generation: string) => Promise<string>;
  readWatermarks: (generation: string, shards: readonly string[]) => Promise<Watermarks>;
  /** Makes the update and moves the watermark in one step, or changes nothing and says why. */
  apply: (move: Move, update: SliceUpdate) => Promise<ApplyResult>;
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    memApplySlice(numberOfKeys: number, ...keysAndArguments: (string | Buffer)[]): Result<ApplyResult, Context>;
  }
}

/** @param prefix the hash tag under which every key lies */
export function createCounters(redis: RedisClient, prefix: string): Counters {
  const keys = createRedisKeys(prefix);
  redis.defineCommand('memApplySlice', { lua: applySliceLua });
  const visitors = createVisitorStore(redis, prefix);

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

    readVisitors: visitors.readVisitors,
    readCodes: visitors.readCodes,

    async apply(move, update) {
      const { generation } = move;
      const list = createKeyList([
        keys.pointer,
        keys.hold,
        keys.watermarks(generation),
        keys.experiments(generation),
        keys.totals(generation),
        keys.activity(generation),
      ]);
      const sums = [...update.sums].map(([id, experiment]) => packSums(id, experiment, list, generation, keys));
      const codes = [...update.codes].map(([of, entries]) => [
        list.indexOf(keys.codes(generation, of)),
        ...[...entries].flatMap(([code, name]) => [toHex(code), name]),
      ]);
      const records = packRecords(update.records, list, generation, keys);
      return redis.memApplySlice(
        list.keys.length,
        ...list.keys,
        move.pointer,
        move.respectHold ? 'yes' : 'no',
        move.shard,
        move.expected ?? '',
        move.next,
        JSON.stringify(move.ancestors.map((shard) => [shard, move.watermarks.get(shard) ?? ''])),
        JSON.stringify(sums),
        JSON.stringify(codes),
        records,
      );
    },
  };
}

/** As lua/apply-slice.lua wants it. */
function packSums(id: string, sums: ExperimentSums, list: KeyList, generation: string, keys: RedisKeys) {
  const increments = (keyOf: RedisKeys['counts'], fields: ReadonlyMap<string, number>) =>
    fields.size === 0 ? undefined : [list.indexOf(keyOf(generation, id)), ...[...fields].flat()];
  const moments = (keyOf: RedisKeys['moments'], deltas: ReadonlyMap<string, readonly number[]>) =>
    deltas.size === 0 ? undefined : [list.indexOf(keyOf(generation, id)), [...deltas.keys()], [...deltas.values()]];
  return {
    name: id,
    total: sums.total,
    received: [sums.received.first, sums.received.last],
    counts: increments(keys.counts, sums.counts),
    days: increments(keys.days, sums.days),
    segments: increments(keys.segments, sums.segments),
    moments: moments(keys.moments, sums.moments),
    segmentMoments: moments(keys.segmentMoments, sums.segmentMoments),
    uniques: [...sums.uniques].map(([pair, members]) => [list.indexOf(keys.uniques(generation, id, pair)), ...members]),
  };
}
