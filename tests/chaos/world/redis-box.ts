import type { Redis } from 'ioredis';
import { createCounterReader } from '../../../shared/stores/redis/counter-reader.ts';
import type { CounterReader, Counters, GenerationStore } from '../../../shared/counting/counters.ts';
import { createCounters } from '../../../shared/stores/redis/counters.ts';
import { createGenerationStore } from '../../../shared/stores/redis/generations.ts';
import { createRedisKeys, type RedisKeys } from '../../../shared/stores/redis/keys.ts';

/** All keys of one schedule with their values, as DUMP writes them. */
export type Snapshot = readonly Buffer[];

/** A schedule's own part of a real Redis, which can lose its last writes. */
export interface RedisBox {
  redis: Redis;
  keys: RedisKeys;
  counters: Counters;
  counterReader: CounterReader;
  generationStore: GenerationStore;
  snapshot: () => Promise<Snapshot>;
  restore: (snapshot: Snapshot) => Promise<void>;
  clear: () => Promise<void>;
}

const dumpAll = `
local found = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  found[#found + 1] = key
  found[#found + 1] = redis.call('DUMP', key)
end
return found`;

const restoreAll = `
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('UNLINK', key) end
for i = 2, #ARGV, 2 do redis.call('RESTORE', ARGV[i], 0, ARGV[i + 1]) end`;

export function createRedisBox(redis: Redis, prefix: string): RedisBox {
  const pattern = `${prefix}:*`;
  const restore = async (snapshot: Snapshot) => {
    await redis.eval(restoreAll, 0, pattern, ...snapshot);
  };
  return {
    redis,
    keys: createRedisKeys(prefix),
    counters: createCounters(redis, prefix),
    counterReader: createCounterReader(redis, prefix),
    generationStore: createGenerationStore(redis, prefix),
    snapshot: async () => (await redis.callBuffer('EVAL', dumpAll, 0, pattern)) as Buffer[],
    restore,
    clear: () => restore([]),
  };
}
