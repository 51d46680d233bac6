import type { Result } from 'ioredis';
import type { SwitchResult, GenerationStore } from '../../counting/counters.ts';
import { PermanentError } from '../../runtime/errors.ts';
import removeGenerationLua from './lua/remove-generation.lua';
import switchGenerationLua from './lua/switch-generation.lua';
import { createRedisKeys, isGeneration, keysBesideWatermarks } from './keys.ts';
import type { RedisClient } from './client.ts';
import { findKeys, freeKeys } from './find-keys.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    memRemoveGeneration(numberOfKeys: number, ...keysAndArguments: string[]): Result<'removed' | 'served', Context>;
    memSwitchGeneration(numberOfKeys: number, ...keysAndArguments: string[]): Result<SwitchResult, Context>;
  }
}

/** @param prefix the hash tag under which every key lies */
export function createGenerationStore(redis: RedisClient, prefix: string): GenerationStore {
  const keys = createRedisKeys(prefix);
  redis.defineCommand('memRemoveGeneration', { lua: removeGenerationLua });
  redis.defineCommand('memSwitchGeneration', { lua: switchGenerationLua });

  return {
    async list() {
      const beginning = keys.generations;
      const namesOfKeys = [...(await findKeys(redis, beginning))]
        .map((key) => key.slice(beginning.length).split(':', 1)[0] ?? '')
        .filter(isGeneration);
      const names = [...new Set(namesOfKeys)];
      const types = await Promise.all(names.map((name) => redis.type(keys.watermarks(name))));
      return names.filter((_, index) => types[index] !== 'string'); // a text is in the place of what was removed
    },

    watermarks: async (generation) => new Map(Object.entries(await redis.hgetall(keys.watermarks(generation)))),

    async remove(generation) {
      const ended = await redis.memRemoveGeneration(2, keys.pointer, keys.watermarks(generation), generation);
      if (ended === 'served') throw new PermanentError(`${generation} is served: it stays`);
      const found = [...(await findKeys(redis, `${keys.generations}${generation}:`))].filter(
        (key) => key !== keys.watermarks(generation),
      );
      await freeKeys(redis, found);
    },

    switchTo(served, other) {
      const watermarks = [keys.watermarks(served), keys.watermarks(other)];
      const concerned = [keys.pointer, keys.hold, ...watermarks, ...keysBesideWatermarks(served, keys)];
      return redis.memSwitchGeneration(concerned.length, ...concerned, served, other);
    },
    async hold(seconds) {
      await redis.set(keys.hold, 'replay', 'EX', seconds);
    },
    async release() {
      await redis.del(keys.hold);
    },
  };
}
