import type { Result } from 'ioredis';
import type { Watermarks } from './counters.ts';
import { PermanentError } from '../../runtime/errors.ts';
import removeGenerationLua from './lua/remove-generation.lua';
import switchGenerationLua from './lua/switch-generation.lua';
import { createRedisKeys, isGeneration } from './keys.ts';
import { nodesOf, type RedisClient } from './client.ts';

const KEYS_PER_CALL = 1_000;

export type SwitchResult = 'switched' | 'behind' | 'stale generation';

/** The generations as a whole: how a replay puts its own in the place of the served one. */
export interface GenerationStore {
  /** The generations that hold anything, in no order. */
  list: () => Promise<string[]>;
  /** All watermarks of a generation. */
  watermarks: (generation: string) => Promise<Watermarks>;
  /** Frees the memory of a generation that is not served, and sees to it that its number is never used again. */
  remove: (generation: string) => Promise<void>;
  /** Serves `other` instead of `served`, unless it is behind in some shard or `served` is not served any more. */
  switchTo: (served: string, other: string) => Promise<SwitchResult>;
  /** Makes deliveries wait for so many seconds at most: it ends by itself, so nothing can stay paused. */
  hold: (seconds: number) => Promise<void>;
  release: () => Promise<void>;
}

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

  /** Keys that begin so; SCAN may answer a key twice. */
  async function findKeys(beginning: string): Promise<Set<string>> {
    const found = new Set<string>();
    const pattern = `${beginning.replace(/[*?[\]\\]/g, '\\$&')}*`;
    for (const node of nodesOf(redis)) {
      for await (const page of node.scanStream({ match: pattern, count: 1_000 })) {
        for (const key of page as string[]) found.add(key);
      }
    }
    return found;
  }

  return {
    async list() {
      const suffix = ':watermarks';
      const beginning = keys.generations;
      const names = [...(await findKeys(beginning))]
        .filter((key) => key.endsWith(suffix))
        .map((key) => key.slice(beginning.length, -suffix.length))
        .filter(isGeneration);
      const types = await Promise.all(names.map((name) => redis.type(keys.watermarks(name))));
      return names.filter((_, index) => types[index] === 'hash');
    },

    watermarks: async (generation) => new Map(Object.entries(await redis.hgetall(keys.watermarks(generation)))),

    async remove(generation) {
      const ended = await redis.memRemoveGeneration(2, keys.pointer, keys.watermarks(generation), generation);
      if (ended === 'served') throw new PermanentError(`${generation} is served: it stays`);
      const found = [...(await findKeys(`${keys.generations}${generation}:`))].filter(
        (key) => key !== keys.watermarks(generation),
      );
      for (let first = 0; first < found.length; first += KEYS_PER_CALL) {
        await redis.unlink(...found.slice(first, first + KEYS_PER_CALL));
      }
    },

    switchTo: (served, other) =>
      redis.memSwitchGeneration(
        4,
        keys.pointer,
        keys.hold,
        keys.watermarks(served),
        keys.watermarks(other),
        served,
        other,
      ),
    async hold(seconds) {
      await redis.set(keys.hold, 'replay', 'EX', seconds);
    },
    async release() {
      await redis.del(keys.hold);
    },
  };
}
