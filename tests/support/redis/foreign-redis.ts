import { hash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { ImportSource } from '../../../shared/contract/answers.ts';

/** A Redis of Gimel or Lamed, in a database of its own beside that of the tests. */
export interface ForeignRedis {
  redis: Redis;
  url: string;
  close: () => Promise<void>;
}

/** One event as the door of Gimel or Lamed gets it. */
export interface ForeignEvent {
  namespace: string;
  experiment: string;
  variant: string;
  event: string;
  uuid: string;
}

/** @param database of the test's redis-server; it is emptied */
export async function openForeignRedis(database: number): Promise<ForeignRedis> {
  const url = `${process.env.MEM_TEST_REDIS_URL ?? ''}/${database}`;
  const redis = new Redis(url);
  await redis.flushdb();
  return {
    redis,
    url,
    async close() {
      await redis.flushdb();
      redis.disconnect();
    },
  };
}

const UUID_EXPIRY_SECONDS = 24 * 60 * 60;

/** Counts events with the commands that Gimel or Lamed sends to Redis. */
export async function trackThere(redis: Redis, source: ImportSource, events: readonly ForeignEvent[]): Promise<void> {
  for (const { namespace, experiment, variant, event, uuid } of events) {
    const key = counterKey({ namespace, experiment, event, variant });
    const pipeline = redis.pipeline();
    pipeline.sadd(`${namespace}:experiments`, experiment);
    pipeline.sadd(`${namespace}:counter_keys`, key);
    pipeline.sadd(`${namespace}:${experiment}:counter_keys`, key);
    if (source === 'gimel') pipeline.pfadd(key, uuid);
    await pipeline.exec();
    if (source === 'lamed' && (await redis.set(hash('sha1', `${key} ${uuid}`), '1', 'EX', UUID_EXPIRY_SECONDS, 'NX'))) {
      await redis.incr(key);
    }
  }
}

export function counterKey({ namespace, experiment, event, variant }: Omit<ForeignEvent, 'uuid'>): string {
  return `${namespace}:counters:${experiment}:${event}:${variant}`;
}

/** So many events of different visitors. */
export function visitorsOf(count: number, about: Omit<ForeignEvent, 'uuid'>): ForeignEvent[] {
  return Array.from({ length: count }, (_, i) => ({ ...about, uuid: `${about.event}-${about.variant}-${i}` }));
}
