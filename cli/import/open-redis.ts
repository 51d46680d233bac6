import { Redis } from 'ioredis';

/**
 * Connects to the Redis of another system, which is only read. Tried once: somebody is waiting at a terminal.
 * @throws Error that says what did not answer, and how; never with the password
 */
export async function openRedis(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    disconnectTimeout: 0,
    commandTimeout: 30_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  const faults: Error[] = [];
  redis.on('error', (error) => faults.push(error));
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    const { host } = new URL(url);
    const reason = (faults[0] ?? (error as Error)).message;
    const isRefused = /WRONGPASS|NOAUTH|invalid password|NOPERM/i.test(reason);
    const hint = isRefused ? 'check user and password in the URL' : 'check host, port and rediss:// for TLS';
    throw new Error(`Redis at ${host} cannot be read: ${reason} (${hint})`, { cause: error });
  }
}
