import { type ChainableCommander, Redis } from 'ioredis';
import { compareText } from '../../shared/reporting/living-experiments.ts';
import type { ImportSource } from '../../shared/contract/answers.ts';
import { mapAtOnce } from '../../shared/runtime/map-at-once.ts';
import { nameCounters } from './name-counters.ts';

/** What Gimel or Lamed has counted of one experiment. */
export interface ForeignExperiment {
  namespace: string;
  experiment: string;
  counts: { variant: string; event: string; count: number }[];
  /** What is not as it should be, for people. */
  notes: string[];
}

/** Commands in one trip. */
const PER_TRIP = 1_000;
/** Experiments that are read at once: that Redis may be far away. */
const AT_ONCE = 16;

interface Kind {
  read: (pipeline: ChainableCommander, key: string) => void;
  /** How a counter of this kind is stored. */
  stored: string;
}

const KINDS: Record<ImportSource, Kind> = {
  gimel: { read: (pipeline, key) => pipeline.pfcount(key), stored: 'a HyperLogLog, as Gimel keeps it' },
  lamed: { read: (pipeline, key) => pipeline.get(key), stored: 'a whole number, as Lamed keeps it' },
};

/**
 * Reads the counters of an installation, all of a namespace or of every one, and writes nothing.
 * @throws Error where a namespace is not there, or a counter is not of the kind that the source keeps
 */
export async function readInstallation(
  redis: Redis,
  source: ImportSource,
  namespaces: readonly string[],
): Promise<ForeignExperiment[]> {
  const chosen = namespaces.length > 0 ? [...new Set(namespaces)] : await findNamespaces(redis);
  if (chosen.length === 0) {
    throw new Error(
      'nothing to import: no namespace of Gimel or Lamed is in this Redis (check the database number in the URL)',
    );
  }
  const found: ForeignExperiment[] = [];
  for (const namespace of chosen) {
    const names = await readSet(redis, `${namespace}:experiments`);
    if (names.length === 0) {
      throw new Error(
        `namespace ${JSON.stringify(namespace)}: expected a set ${namespace}:experiments with names, got none`,
      );
    }
    found.push(...(await mapAtOnce(AT_ONCE, names, (experiment) => readOne(redis, source, namespace, experiment))));
  }
  return found;
}

/** Every namespace has two sets: that of its experiments, and that of all its counters. */
async function findNamespaces(redis: Redis): Promise<string[]> {
  const suffix = ':experiments';
  const namespaces = new Set<string>();
  for await (const page of redis.scanStream({ match: `*${suffix}`, count: PER_TRIP })) {
    for (const key of page as string[]) namespaces.add(key.slice(0, -suffix.length));
  }
  const found: string[] = [];
  for (const namespace of namespaces) {
    const types = await Promise.all([redis.type(namespace + suffix), redis.type(`${namespace}:counter_keys`)]);
    if (types.every((type) => type === 'set')) found.push(namespace);
  }
  return found.sort(compareText);
}

async function readOne(
  redis: Redis,
  source: ImportSource,
  namespace: string,
  experiment: string,
): Promise<ForeignExperiment> {
  const prefix = `${namespace}:counters:${experiment}:`;
  const keys = await readSet(redis, `${namespace}:${experiment}:counter_keys`);
  const own = keys.filter((key) => key.startsWith(prefix) && key.length > prefix.length);
  const { counters, doubts } = nameCounters(
    prefix,
    own.map((key) => key.slice(prefix.length)),
  );
  const counts = await readCounts(redis, source, own);
  const gone = own.filter((_, i) => counts[i] === undefined);
  return {
    namespace,
    experiment,
    counts: counters.map(({ variant, event }, i) => ({ variant, event, count: counts[i] ?? 0 })),
    notes: [
      ...doubts,
      ...gone.map((key) => `${key} is listed, but gone: imported as 0`),
      ...keys.filter((key) => !own.includes(key)).map((key) => `${key} is of another experiment: left out`),
    ],
  };
}

/** The values of counters, in their order; undefined where the key is gone. */
async function readCounts(
  redis: Redis,
  source: ImportSource,
  keys: readonly string[],
): Promise<(number | undefined)[]> {
  const counts: (number | undefined)[] = [];
  for (let first = 0; first < keys.length; first += PER_TRIP) {
    const trip = keys.slice(first, first + PER_TRIP);
    const pipeline = redis.pipeline();
    for (const key of trip) {
      pipeline.exists(key);
      KINDS[source].read(pipeline, key);
    }
    const replies = (await pipeline.exec()) ?? [];
    for (const [i, key] of trip.entries()) {
      const [error, value] = replies[2 * i + 1] ?? [null, null];
      counts.push(replies[2 * i]?.[1] === 0 ? undefined : toCount(source, key, error, value));
    }
  }
  return counts;
}

function toCount(source: ImportSource, key: string, error: Error | null, value: unknown): number {
  if (error !== null && !error.message.includes('WRONGTYPE')) throw error;
  const count = typeof value === 'string' && !/^\d+$/.test(value) ? NaN : Number(value);
  if (error === null && Number.isSafeInteger(count) && count >= 0) return count;
  const other = source === 'gimel' ? 'lamed' : 'gimel';
  throw new Error(
    `${key}: expected ${KINDS[source].stored}, got something else; nothing is imported (is this an installation of ${other}?)`,
  );
}

async function readSet(redis: Redis, key: string): Promise<string[]> {
  try {
    return (await redis.smembers(key)).sort(compareText);
  } catch (error) {
    if (!(error as Error).message.includes('WRONGTYPE')) throw error;
    throw new Error(`${key}: expected a set, as Gimel and Lamed keep it, got something else; nothing is imported`, {
      cause: error,
    });
  }
}

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
