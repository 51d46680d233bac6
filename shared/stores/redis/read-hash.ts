import type { RedisClient } from './client.ts';

/** Redis does nothing else while it answers one command: so many fields take it a few milliseconds. */
const FIELDS_PER_READ = 2_000;

/** All fields of a hash. A long one is read in pages, between which others may change it. */
export async function readHash(redis: RedisClient, key: string): Promise<Record<string, string>> {
  if ((await redis.hlen(key)) <= FIELDS_PER_READ) return redis.hgetall(key);
  const fields: Record<string, string> = {};
  let cursor = '0';
  do {
    const [next, page] = await redis.hscan(key, cursor, 'COUNT', FIELDS_PER_READ);
    for (let i = 0; i + 1 < page.length; i += 2) fields[page[i] ?? ''] = page[i + 1] ?? '';
    cursor = next;
  } while (cursor !== '0');
  return fields;
}

/** Those of many fields of a hash that are there. */
export async function readFields(
  redis: RedisClient,
  key: string,
  fields: readonly string[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (let first = 0; first < fields.length; first += FIELDS_PER_READ) {
    const page = fields.slice(first, first + FIELDS_PER_READ);
    const values = await redis.hmget(key, ...page);
    page.forEach((field, index) => {
      const value = values[index];
      if (value !== null && value !== undefined) found[field] = value;
    });
  }
  return found;
}
