import type { Redis } from 'ioredis';
import { connectRedis } from '../../../shared/stores/redis/client.ts';

/** The redis-server that jest starts before all tests. */
export function connectTestRedis(): Redis {
  const url = process.env.MEM_TEST_REDIS_URL;
  if (!url) throw new Error('MEM_TEST_REDIS_URL is not set: run the tests through jest, which starts the servers');
  return connectRedis(url, () => undefined);
}
