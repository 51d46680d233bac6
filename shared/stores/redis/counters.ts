import type { ApplyResult, Counters, ExperimentSums } from '../../counting/counters.ts';
import type { Result } from 'ioredis';
import applySliceLua from './lua/apply-slice.lua';
import replaceOrphanedLua from './lua/replace-orphaned.lua';
import { createKeyList, type KeyList } from './key-list.ts';
import { createRedisKeys, keysBesideWatermarks, type RedisKeys } from './keys.ts';
import type { RedisClient } from './client.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';
import { createVisitorStore, packRecords, packWaiting, toHex } from './visitor-store.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    memReplaceOrphaned(numberOfKeys: number, ...keysAndArguments: string[]): Result<'replaced' | 'kept', Context>;
    memApplySlice(numberOfKeys: number, ...keysAndArguments: (string | Buffer)[]): Result<ApplyResult, Context>;
  }
}

/** @param prefix the hash tag under which every key lies */
export function createCounters(redis: RedisClient, prefix: string): Counters {
  const keys = createRedisKeys(prefix);
  redis.defineCommand('memApplySlice', { lua: applySliceLua });
  redis.defineCommand('memReplaceOrphaned', { lua: replaceOrphanedLua });
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

    async isOrphaned(generation) {
      // One at a time, and the watermarks last: they are written together, and so never seem to be missing.
      const counted = await redis.exists(...keysBesideWatermarks(generation, keys));
      return counted > 0 && (await redis.exists(keys.watermarks(generation))) === 0;
    },

    async replaceOrphaned(generation, other) {
      const orphan = [keys.watermarks(generation), ...keysBesideWatermarks(generation, keys)];
      await redis.memReplaceOrphaned(orphan.length + 1, keys.pointer, ...orphan, generation, other);
    },

    readVisitors: visitors.readVisitors,
    readCodes: visitors.readCodes,
    readWaiting: visitors.readWaiting,

    async apply(move, update) {
      const { generation } = move;
      const list = createKeyList([
        keys.pointer,
        keys.hold,
        keys.watermarks(generation),
        keys.experiments(generation),
        keys.totals(generation),
        keys.activity(generation),
        keys.waitingShards(generation),
      ]);
      const sums = [...update.sums].map(([id, experiment]) => packSums(id, experiment, list, generation, keys));
      const codes = [...update.codes].map(([of, entries]) => [
        list.indexOf(keys.codes(generation, of)),
        ...[...entries].flatMap(([code, name]) => [toHex(code), name]),
      ]);
      const records = packRecords(update.records, list, generation, keys);
      const waiting = packWaiting(update.records, list.indexOf(keys.waiting(generation, move.shard)));
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
        JSON.stringify(waiting),
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
    labels: increments(keys.labels, addUpLabels(sums.segments)),
    moments: moments(keys.moments, sums.moments),
    segmentMoments: moments(keys.segmentMoments, sums.segmentMoments),
    uniques: [...sums.uniques].map(([pair, members]) => [list.indexOf(keys.uniques(generation, id, pair)), ...members]),
  };
}

/** `variant:event:segment` -> how many, as `segment` -> how many. */
export function addUpLabels(segments: ReadonlyMap<string, number>): Map<string, number> {
  const labels = new Map<string, number>();
  for (const [field, count] of segments) {
    const label = field.slice(field.lastIndexOf(':') + 1);
    labels.set(label, (labels.get(label) ?? 0) + count);
  }
  return labels;
}
