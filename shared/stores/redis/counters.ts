import type { ApplyResult, Counters } from '../../counting/counters.ts';
import type { Result } from 'ioredis';
import applyBatchLua from './lua/apply-batch.lua';
import { createRedisKeys } from './keys.ts';
import type { RedisClient } from './client.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';

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
