import { nodesOf, type RedisClient } from './client.ts';

const KEYS_PER_CALL = 1_000;

/** Keys that begin so; SCAN may answer a key twice. */
export async function findKeys(redis: RedisClient, beginning: string): Promise<Set<string>> {
  const found = new Set<string>();
  const pattern = `${beginning.replace(/[*?[\]\\]/g, '\\$&')}*`;
  for (const node of nodesOf(redis)) {
    for await (const page of node.scanStream({ match: pattern, count: 1_000 })) {
      for (const key of page as string[]) found.add(key);
    }
  }
  return found;
}

/** Frees keys of one hash slot; managed Redis takes at most 3,999 arguments to one command. */
export async function freeKeys(redis: RedisClient, keys: readonly string[]): Promise<void> {
  for (let first = 0; first < keys.length; first += KEYS_PER_CALL) {
    await redis.unlink(...keys.slice(first, first + KEYS_PER_CALL));
  }
}
