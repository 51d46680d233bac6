import { Cluster, Redis } from 'ioredis';
import type { RedisConfig } from '../../runtime/config.ts';
import { PermanentError } from '../../runtime/errors.ts';
import { readRedisUrl } from './redis-url.ts';

/** One server or a cluster. It makes no difference to what counts and reads: all of it lies under one hash tag. */
export type RedisClient = Redis | Cluster;

type OnError = (error: Error) => void;

/** A command that fails or takes too long is reported, not repeated for ever: the batch is then delivered again. */
const TIMEOUTS = { connectTimeout: 2_000, commandTimeout: 10_000, maxRetriesPerRequest: 2 };

/** Ms before another attempt to connect. */
const pause = (attempt: number) => Math.min(50 * 2 ** attempt, 1_000);

/**
 * What a server answers that is no primary any more, or not yet: scripts have it in the midst of their message. Behind
 * an address that leads to another server by now, a connection that stays open would hear nothing else for ever.
 */
const NOT_THE_PRIMARY = /\b(READONLY|MASTERDOWN|LOADING|CLUSTERDOWN|UNBLOCKED)\b/;

/** Connects to one server, once for the life of the process. */
export function connectRedis(url: string, onError: OnError): Redis {
  const redis = new Redis(url, {
    ...TIMEOUTS,
    retryStrategy: pause,
    reconnectOnError: ({ message }) => NOT_THE_PRIMARY.test(message),
  });
  redis.on('error', onError);
  return redis;
}

/** The library's own keeps a command for as long as no node can be reached. */
function impatient() {
  return class ImpatientCluster extends Cluster {
    override sendCommand(...call: Parameters<Cluster['sendCommand']>): unknown {
      const [command] = call;
      command.setTimeout(TIMEOUTS.commandTimeout);
      return super.sendCommand(...call);
    }
  };
}

/** Connects to a cluster of which one node, or an address for all of them, is known. */
export function connectCluster(url: string, onError: OnError): Cluster {
  const { hostname, port } = new URL(url);
  const ImpatientCluster = impatient();
  const cluster = new ImpatientCluster([{ host: hostname, port: Number(port || 6_379) }], {
    clusterRetryStrategy: pause,
    // A connection that was cut is made again, as a function finds it after a sleep: else a pipeline would go to another
    // node. A node that stays away is given up, and the others are asked who has its slots.
    clusterNodeRetryStrategy: (attempt) => (attempt > 3 ? null : pause(attempt)),
    // A certificate is for a name: to an address that was looked up for it, TLS would not connect.
    dnsLookup: (address, callback) => callback(null, address),
    // A new connection with TLS takes longer than the second that is usual.
    slotsRefreshTimeout: 5_000,
    // 300 ms for a new owner of a slot. A failover takes longer: the batch is then delivered again.
    maxRedirections: 4,
    redisOptions: { ...TIMEOUTS, ...accessOf(url) },
  });
  cluster.on('error', onError);
  return cluster;
}

/** What every node of a cluster asks for: they are found by address, so the URL is told of one of them only. */
function accessOf(url: string) {
  const { protocol, username, password } = new URL(url);
  return {
    ...(protocol === 'rediss:' && { tls: {} }),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
}

/**
 * Connects to the Redis that the configuration names.
 * @throws PermanentError where it names none
 */
export async function openRedis(config: RedisConfig, onError: OnError): Promise<RedisClient> {
  const url = await readRedisUrl(config);
  return config.redisCluster ? connectCluster(url, onError) : connectRedis(url, onError);
}

/** A hosting may take commands away, or a user may not have them. */
const TAKEN_AWAY = /unknown command|NOPERM/i;

/**
 * Connects to a Redis that may hold counters: one that throws keys away when memory is short would lose them, since
 * nothing of Mem's expires.
 * @param onError told, too, where the Redis does not say whether it evicts
 * @throws PermanentError where it evicts, or the connection's error; nothing stays open then
 */
export async function openSafeRedis(config: RedisConfig, onError: OnError): Promise<RedisClient> {
  const redis = await openRedis(config, onError);
  try {
    await redis.ping(); // a cluster knows its nodes only when it is connected
    await refuseEviction(redis, onError);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

async function refuseEviction(redis: RedisClient, onError: OnError): Promise<void> {
  const { eviction } = await readMemory(redis, onError);
  if (eviction !== undefined) throw new PermanentError(eviction);
}

/** What Redis does with its memory. */
export interface RedisMemory {
  /** In a sentence, where it throws any key away when memory is short: somebody may set that while it runs. */
  eviction: string | undefined;
  /** Of what it may use, from 0 to 1, of the fullest node; undefined where nothing bounds it, or it does not say. */
  usedShare: number | undefined;
}

/** @param onError told where Redis does not say */
export async function readMemory(redis: RedisClient, onError: OnError): Promise<RedisMemory> {
  const nodes = await Promise.all(nodesOf(redis).map((node) => readMemoryOf(node, onError)));
  const evicting = nodes.map((node) => node.get('maxmemory_policy')).find((policy) => policy?.startsWith('allkeys-'));
  const shares = nodes.map((node) => Number(node.get('used_memory')) / Number(node.get('maxmemory')));
  const known = shares.filter((share) => Number.isFinite(share));
  return {
    eviction: evicting && `Redis evicts any key when memory is short (maxmemory-policy ${evicting}): set noeviction.`,
    usedShare: known.length === 0 ? undefined : Math.max(...known),
  };
}

async function readMemoryOf(node: Redis, onError: OnError): Promise<ReadonlyMap<string, string>> {
  try {
    return parseInfo(await node.info('memory'));
  } catch (error) {
    if (!(error instanceof Error && TAKEN_AWAY.test(error.message))) throw error;
    onError(new Error(`cannot tell whether Redis evicts keys (${error.message}): see that it is set to noeviction`));
    return new Map();
  }
}

/** The servers that hold keys. What is asked of no key in particular, such as SCAN, has to be asked of each. */
export function nodesOf(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis];
}

/** What the server says of itself, or one of a cluster's: the fields of INFO. */
export async function readInfo(redis: RedisClient): Promise<ReadonlyMap<string, string>> {
  const [node] = nodesOf(redis);
  return parseInfo((await node?.info()) ?? '');
}

/** `name:value` lines of INFO. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^([a-z_]+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]));
}

/** What the library says of a server that does not answer; none of it names Redis. */
const UNNAMED = /^(Command timed out|Connection is closed\.|Reached the max retries per request limit)/;

/** What went wrong, with Redis named where the message does not say that it is about Redis. */
export function nameRedis(error: unknown): unknown {
  if (!(error instanceof Error) || !UNNAMED.test(error.message)) return error;
  return new Error(`Redis does not answer: ${error.message}`, { cause: error });
}
