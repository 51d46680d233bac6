import type { CounterReader, Count } from '../../counting/counters.ts';
import { experimentId, parseExperimentId, parseField, type ExperimentRef } from '../../contract/experiment-id.ts';
import { createRedisKeys, uniquesKey } from './keys.ts';
import type { RedisClient } from './client.ts';
import { readHash } from './read-hash.ts';
import { createVisitorStore, forgetUnit } from './visitor-store.ts';

/** Managed Redis takes at most 3,999 arguments to one command. */
const KEYS_PER_CALL = 1_000;

export function createCounterReader(redis: RedisClient, prefix: string): CounterReader {
  const keys = createRedisKeys(prefix);
  const visitors = createVisitorStore(redis, prefix);

  const countsOf = async (generation: string, refs: readonly ExperimentRef[]): Promise<Count[][]> => {
    const pipeline = redis.pipeline();
    for (const ref of refs) pipeline.hgetall(keys.counts(generation, experimentId(ref)));
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, fields]) => {
      if (error) throw error;
      return Object.entries(fields as Record<string, string>).map(toCount);
    });
  };

  return {
    generation: async () => (await redis.get(keys.pointer)) ?? undefined,

    async experiments(generation) {
      const ids = await redis.smembers(keys.experiments(generation));
      return ids.flatMap((id) => parseExperimentId(id) ?? []);
    },

    counts: countsOf,

    async segments(generation, ref) {
      const fields = await readHash(redis, keys.segments(generation, experimentId(ref)));
      return Object.entries(fields).map(toCount);
    },

    async totals(generation) {
      const fields = await readHash(redis, keys.totals(generation));
      return new Map(Object.entries(fields).map(([id, total]) => [id, Number(total)]));
    },

    async days(generation, ref) {
      const fields = await readHash(redis, keys.days(generation, experimentId(ref)));
      return Object.entries(fields).map(([field, count]) => {
        const [day = '', variant = '', event = ''] = parseField(field);
        return { day, variant, event, count: Number(count) };
      });
    },

    async moments(generation, ref) {
      const [whole, segments] = await Promise.all([
        readHash(redis, keys.moments(generation, experimentId(ref))),
        readHash(redis, keys.segmentMoments(generation, experimentId(ref))),
      ]);
      const fields = [...Object.entries(whole), ...Object.entries(segments)];
      return new Map(fields.map(([field, sums]) => [field, sums.split(' ').map(Number)]));
    },

    async uniques(generation, ref, pairs) {
      const pipeline = redis.pipeline();
      for (const { variant, event } of pairs) pipeline.pfcount(uniquesKey(keys, generation, ref, variant, event));
      const replies = (await pipeline.exec()) ?? [];
      return replies.map(([error, count]) => {
        if (error) throw error;
        return Number(count);
      });
    },

    forgetUnit: (generation, refs, unit) => forgetUnit(visitors, generation, refs, unit),

    async remove(generation, ref) {
      const id = experimentId(ref);
      const [counts = []] = await countsOf(generation, [ref]);
      const uniques = counts.map(({ variant, event }) => uniquesKey(keys, generation, ref, variant, event));
      const kinds = [keys.counts, keys.segments, keys.labels, keys.days, keys.moments, keys.segmentMoments, keys.codes];
      const hashes = kinds.map((keyOf) => keyOf(generation, id));
      const keysToFree = [...new Set(uniques), ...hashes];
      for (let first = 0; first < keysToFree.length; first += KEYS_PER_CALL) {
        await redis.unlink(...keysToFree.slice(first, first + KEYS_PER_CALL));
      }
      await redis.hdel(keys.activity(generation), id);
      await redis.hdel(keys.totals(generation), id);
      await redis.srem(keys.experiments(generation), id);
    },
  };
}

function toCount([field, count]: [string, string]): Count {
  const [variant = '', event = '', segment] = parseField(field);
  return { variant, event, ...(segment !== undefined && { segment }), count: Number(count) };
}
