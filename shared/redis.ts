import { Redis } from 'ioredis';
import { PermanentError } from './errors.ts';

/**
 * Connects to Redis once for the life of the process. A command that fails or takes too long is reported, not repeated
 * for ever: the batch is then delivered again.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    connectTimeout: 2_000,
    commandTimeout: 10_000,
    maxRetriesPerRequest: 2,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
  });
  redis.on('error', onError);
  return redis;
}

/**
 * Connects to a Redis that may hold counters: one that throws keys away when memory is short would lose them, since
 * nothing of Mem's expires.
 * @throws PermanentError where it evicts, or the connection's error; nothing stays open then
 */
export async function connectSafeRedis(url: string, onError: (error: Error) => void): Promise<Redis> {
  const redis = connectRedis(url, onError);
  try {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
    if (!policy?.startsWith('allkeys-')) return redis;
    throw new PermanentError(`Redis evicts any key when memory is short (maxmemory-policy ${policy}): set noeviction.`);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}
