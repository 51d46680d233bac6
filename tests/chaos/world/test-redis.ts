import type { Redis } from 'ioredis';
import { connectRedis } from '../../../shared/stores/redis/client.ts';

/**
 * The redis-server that jest starts before all tests, with a database for each of its workers: rolling a schedule's keys
 * back looks through all keys of a database, and other tests leave theirs behind.
 */
export function connectTestRedis(): Redis {
  const url = process.env.MEM_TEST_REDIS_URL;
  if (!url) throw new Error('MEM_TEST_REDIS_URL is not set: run the tests through jest, which starts the servers');
  return connectRedis(`${url}/${process.env.JEST_WORKER_ID ?? '1'}`, () => undefined);
}
