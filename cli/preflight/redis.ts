import { reasonOf } from '../outcome.ts';
import type { Check, Finding } from './finding.ts';

/** What Redis says of itself: the fields of INFO. */
export type RedisInfo = ReadonlyMap<string, string>;

export interface RedisToCheck {
  /** Its URL; rejects with the reason where that cannot be found out. */
  url: () => Promise<string>;
  readInfo: (url: string) => Promise<RedisInfo>;
  /** As configured; undefined where nothing is. */
  cluster?: boolean | undefined;
}

/** Reachable, keeps what it holds, and nobody in between can read it. */
export function checksOfRedis({ url, readInfo, cluster }: RedisToCheck): Check[] {
  let info: Promise<RedisInfo> | undefined;
  const readOnce = () => (info ??= url().then(readInfo));
  const infoOf = async () => {
    const answered = await readOnce().catch(() => undefined);
    if (!answered) throw new Error('Redis does not answer');
    return answered;
  };
  const field = async (name: string) => (await infoOf()).get(name);
  return [
    { name: 'Redis', look: async () => describeVersion(await url(), readOnce) },
    { name: 'Redis eviction', look: async () => judgePolicy(await field('maxmemory_policy')) },
    { name: 'Redis durability', look: async () => judgeDurability(await infoOf()) },
    { name: 'Redis encryption', look: async () => judgeEncryption(new URL(await url())) },
    {
      name: 'Redis cluster mode',
      look: async () => judgeCluster((await field('cluster_enabled')) === '1', cluster ?? false),
    },
  ];
}

async function describeVersion(url: string, read: () => Promise<RedisInfo>): Promise<Omit<Finding, 'check'>> {
  const { host } = new URL(url);
  try {
    const info = await read();
    const valkey = info.get('valkey_version');
    return {
      status: 'ok',
      found: `${valkey === undefined ? 'Redis' : 'Valkey'} ${valkey ?? info.get('redis_version') ?? 'of an unknown version'} at ${host}`,
    };
  } catch (error) {
    return {
      status: 'problem',
      found: `${host} does not answer: ${reasonOf(error)}`,
      advice:
        'check host, port, password, TLS (rediss://), and whether its network lets this machine in; the functions need to get in, too',
    };
  }
}

function judgePolicy(policy: string | undefined): Omit<Finding, 'check'> {
  if (policy === undefined) return { status: 'skipped', found: 'Redis does not say its maxmemory-policy' };
  if (!policy.startsWith('allkeys-')) return { status: 'ok', found: `maxmemory-policy ${policy}` };
  return {
    status: 'problem',
    found: `maxmemory-policy ${policy}: counters are thrown away when memory is short`,
    advice: 'set maxmemory-policy noeviction (or volatile-*)',
  };
}

/** Backups cannot be seen from here. What the stream still holds is counted again after any loss. */
function judgeDurability(info: RedisInfo): Omit<Finding, 'check'> {
  const replicas = Number(info.get('connected_slaves') ?? 0);
  const ofReplicas = `${replicas} replica${replicas === 1 ? '' : 's'}`;
  if (info.get('aof_enabled') === undefined) {
    return { status: 'skipped', found: 'Redis does not say how it keeps data' };
  }
  if (info.get('aof_enabled') === '1') return { status: 'ok', found: `append-only file, ${ofReplicas}` };
  return {
    status: 'warning',
    found: `no append-only file, ${ofReplicas}: a restart loses what was counted since the last snapshot`,
    advice:
      'turn on appendonly, or backups: after a loss only what the stream still holds (retentionHours) can be counted again',
  };
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

function judgeEncryption({ protocol, hostname }: URL): Omit<Finding, 'check'> {
  if (protocol === 'rediss:') return { status: 'ok', found: 'TLS' };
  if (LOOPBACK.includes(hostname)) return { status: 'ok', found: 'no TLS, and no network: it is on this machine' };
  return {
    status: 'warning',
    found: `no TLS to ${hostname}: password and counters can be read in transit`,
    advice: 'use a rediss:// URL',
  };
}

function judgeCluster(is: boolean, configured: boolean): Omit<Finding, 'check'> {
  if (is === configured) return { status: 'ok', found: is ? 'on, as configured' : 'off' };
  return {
    status: 'problem',
    found: is
      ? 'Redis runs in cluster mode, and the configuration does not say so'
      : 'the configuration says cluster mode, and Redis does not run in it',
    advice: `mem configure ${is ? '--set redisCluster=true' : '--unset redisCluster'}`,
  };
}

/** Asks a Redis once. @throws Error of the connection */
export async function readRedisInfo(url: string): Promise<RedisInfo> {
  const [{ Redis }, { parseInfo }] = await Promise.all([
    import('ioredis'),
    import('../../shared/stores/redis/client.ts'),
  ]);
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 5_000,
    retryStrategy: () => null,
  });
  const errors: Error[] = [];
  redis.on('error', (error) => errors.push(error));
  try {
    await redis.connect();
    return parseInfo(await redis.info());
  } catch (error) {
    throw errors[0] ?? error; // what connect() rejects with does not say what happened
  } finally {
    redis.disconnect();
  }
}
