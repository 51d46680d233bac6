import { waitingFor } from '../../shared/contract/versions.ts';
import { readState } from '../../shared/reporting/read-counted.ts';
import type { AllStores } from '../../shared/stores/connect.ts';
import { findBehind } from '../../shared/counting/position.ts';
import { reportDeps } from '../stores.ts';
import { summarizeQuarantine } from '../commands/operate/quarantine.ts';

/** How a system is, at one moment. */
export interface Health {
  /** Whether nobody has to do or wait for anything. */
  ok: boolean;
  /** Each in a sentence; none where `ok`. */
  problems: string[];
  redis: RedisHealth;
  counters: {
    active: string | null;
    /** Whether Redis has lost what was counted, and it is being counted again. */
    rebuilding: boolean;
    /** From when on all counts are whole, ISO 8601; null where nothing was ever lost. */
    countedSince: string | null;
    shards: ShardHealth[];
  };
  /** Null where this process may not look: what runs in a stage's network has no right to visitors' events. */
  quarantine: { records: number; events: number } | null;
}

export interface RedisHealth {
  usedBytes: number;
  /** Null where there is no bound. */
  maxBytes: number | null;
  /** Whether it writes what it is told to a file at once. */
  appendOnly: boolean;
  replicas: number;
}

export interface ShardHealth {
  shard: string;
  /** When the oldest record arrived that is not in the counters, ISO 8601; null where all are. */
  waitingSince: string | null;
  waitingSeconds: number;
  rebuilding: boolean;
  /** Of a rebuild, at the pace of this moment; null where none can be seen. */
  secondsLeft?: number | null;
}

type Stores = Pick<
  AllStores,
  | 'stream'
  | 'counters'
  | 'checkpoints'
  | 'backlog'
  | 'quarantine'
  | 'generationStore'
  | 'redisInfo'
  | 'versions'
  | 'now'
> &
  Parameters<typeof reportDeps>[0];

/** Events wait for seconds; for so long only where something is wrong. As the alarm EventsNotCounted. */
const LONGEST_WAIT_SECONDS = 1_800;

const NEARLY_FULL = 0.8;

/** Between two looks at a rebuild. */
const LOOK_AGAIN_MS = 2_000;

/** Looks at everything that can be asked. @throws Error where a store does not answer */
export async function readHealth(stores: Stores, sleep: (ms: number) => Promise<void>): Promise<Health> {
  const info = await stores.redisInfo();
  const active = await stores.counters.readPointer();
  const state = await readState(active, reportDeps(stores));
  const quarantine = await readQuarantine(stores);
  const redis = describeRedis(info);
  const counters = {
    active: active ?? null,
    rebuilding: state.rebuilding,
    countedSince: state.countedSince === undefined ? null : new Date(state.countedSince).toISOString(),
    shards: await readShards(active, stores, sleep),
  };
  const waiting = waitingFor(await stores.versions.read());
  const problems = [...problemsOf(redis, counters), ...(waiting === undefined ? [] : [waiting])];
  return { ok: problems.length === 0, problems, redis, counters, quarantine };
}

async function readQuarantine({ quarantine }: Pick<Stores, 'quarantine'>): Promise<Health['quarantine']> {
  try {
    const { records, events } = await summarizeQuarantine(quarantine.entries(false), 0);
    return { records, events };
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return null;
    throw error;
  }
}

function describeRedis(info: ReadonlyMap<string, string>): RedisHealth {
  const maximum = Number(info.get('maxmemory') ?? 0);
  return {
    usedBytes: Number(info.get('used_memory') ?? 0),
    maxBytes: maximum > 0 ? maximum : null,
    appendOnly: info.get('aof_enabled') === '1',
    replicas: Number(info.get('connected_slaves') ?? 0),
  };
}

function problemsOf(redis: RedisHealth, { rebuilding, shards }: Health['counters']): string[] {
  const problems: string[] = [];
  if (rebuilding) problems.push('counters are being rebuilt from the stream: figures are too low until that is done');
  const waiting = shards.filter((shard) => !shard.rebuilding && shard.waitingSeconds > LONGEST_WAIT_SECONDS);
  if (waiting.length > 0) {
    problems.push(`events wait and are not counted, in ${waiting.length} of ${shards.length} shards`);
  }
  if (redis.maxBytes !== null && redis.usedBytes > NEARLY_FULL * redis.maxBytes) {
    problems.push(
      `Redis is ${Math.round((100 * redis.usedBytes) / redis.maxBytes)} % full; when it is full, counting stops and waits`,
    );
  }
  return problems;
}

/** How far the counters are: behind the watermark of a shard nothing is in them. */
async function readShards(
  active: string | undefined,
  stores: Stores,
  sleep: (ms: number) => Promise<void>,
): Promise<ShardHealth[]> {
  const look = async () =>
    stores.backlog.firstAfter(active === undefined ? new Map() : await stores.generationStore.watermarks(active));
  const first = await look();
  const checkpoints = await stores.checkpoints.readAll(stores.stream);
  const watermarks = active === undefined ? new Map() : await stores.generationStore.watermarks(active);
  const behind = new Set(findBehind([...first.keys()], watermarks, checkpoints).map(({ shard }) => shard));
  if (behind.size > 0) await sleep(LOOK_AGAIN_MS);
  const second = behind.size > 0 ? await look() : first;
  return [...second].map(([shard, arrival]) => ({
    shard,
    waitingSince: arrival === undefined ? null : new Date(arrival).toISOString(),
    waitingSeconds: secondsSince(arrival, stores.now()),
    rebuilding: behind.has(shard),
    ...(behind.has(shard) && { secondsLeft: secondsLeft(first.get(shard), arrival, stores.now()) }),
  }));
}

const secondsSince = (arrival: number | undefined, now: number) =>
  arrival === undefined ? 0 : Math.max(0, Math.round((now - arrival) / 1_000));

/** The stream's time that was counted between two looks says how long the rest will take. */
function secondsLeft(before: number | undefined, after: number | undefined, now: number): number | null {
  if (after === undefined) return 0;
  const moved = after - (before ?? after);
  return moved <= 0 ? null : Math.ceil(((now - after) / moved) * (LOOK_AGAIN_MS / 1_000));
}
