import { createSamples } from '../../../shared/counting/limits/samples.ts';
import { createAdmission, type AdmissionDeps, type Admit } from '../../../shared/counting/limits/admit.ts';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import type { ConsumerDeps, ConsumerEvent } from '../../../shared/counting/consume.ts';
import { readClaims } from '../../../shared/counting/dedupe.ts';
import { decodeBatch, findCountableEvents, type ShardRecord } from '../../../shared/counting/decode.ts';
import { createCheckpoints } from '../../../shared/stores/dynamodb/checkpoints.ts';
import { createClaims } from '../../../shared/stores/dynamodb/claims.ts';
import { createCounters } from '../../../shared/stores/redis/counters.ts';
import type { Counters } from '../../../shared/counting/counters.ts';
import { createDefinitions } from '../../../shared/stores/dynamodb/definitions.ts';
import { createDeletions } from '../../../shared/stores/dynamodb/deletions.ts';
import { createGenerations } from '../../../shared/stores/dynamodb/generation-numbers.ts';
import { createNameLists } from '../../../shared/stores/dynamodb/name-lists.ts';
import { createNameRegistry } from '../../../shared/counting/limits/name-registry.ts';
import { DEFAULT_LIMITS } from '../../../shared/contract/limits.ts';
import { createQuarantine } from '../../../shared/stores/dynamodb/quarantine.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { DAY_MS, nothingDeleted, ownFormats } from './events.ts';
import type { StoresWorld, World } from './world.ts';

export const SHARD = 'shardId-000000000000';
export const CLAIM_WINDOW_MS = 30 * DAY_MS;

/** The consumer's own stores, on a test's tables and Redis. */
export function realDeps(world: StoresWorld, changes: Partial<ConsumerDeps> = {}): ConsumerDeps {
  const { dynamodb, claimsTable, stateTable } = world;
  const counters = createCounters(world.redis, world.prefix);
  const config = { claimsTable, claimWindowMs: CLAIM_WINDOW_MS, retentionMs: 7 * DAY_MS };
  const deletions = createDeletions(dynamodb, stateTable, {
    now: () => Promise.resolve(Date.now()),
    sleep: () => Promise.resolve(),
  });
  return {
    stream: world.stream,
    counters,
    countEvents: createCountEvents({ counters, deletions }),
    carryOver: () => Promise.resolve('nothing'),
    claims: createClaims(dynamodb, config, () => undefined),
    checkpoints: createCheckpoints(dynamodb, stateTable),
    quarantine: createQuarantine(dynamodb, stateTable, Date.now),
    deletions,
    formats: ownFormats,
    noticeGap: () => Promise.resolve(),
    samples: createSamples(Date.now),
    admit: realAdmission(world),
    generations: createGenerations(dynamodb, stateTable),
    lineage: { ancestorsOf: () => Promise.resolve([]) },
    catchUp: () => Promise.resolve(false),
    observe: () => undefined,
    ...changes,
  };
}

/** Counting with other counters than the real ones. */
export function withCounters(counters: Counters): Pick<ConsumerDeps, 'counters' | 'countEvents'> {
  return { counters, countEvents: createCountEvents({ counters, deletions: nothingDeleted }) };
}

/** As a process that has just started. */
export function realAdmission({ dynamodb, stateTable }: StoresWorld, changes: Partial<AdmissionDeps> = {}): Admit {
  const { limits = DEFAULT_LIMITS, now = Date.now } = changes;
  return createAdmission({
    registry: createNameRegistry(createNameLists(dynamodb, stateTable), limits, now),
    definitions: createDefinitions(dynamodb, stateTable, now),
    limits,
    countOnlyDefined: false,
    now,
    ...changes,
  });
}

/** Enough time for everything. */
export const plenty = () => 300_000;

/** Keeps what a consumer was observed to do. */
export function observer(): { events: ConsumerEvent[]; observe: (event: ConsumerEvent) => void } {
  const events: ConsumerEvent[] = [];
  return { events, observe: (event) => events.push(event) };
}

/** Every key of a test in Redis with its bytes: two that are equal mean that nothing has changed. */
export async function snapshot({ redis, prefix }: World): Promise<Record<string, string>> {
  const keys = (await redis.keys(`${prefix}*`)).sort();
  const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return Object.fromEntries(keys.map((key, index) => [key, values[index]?.toString('hex') ?? '']));
}

/** The counters of one experiment in the served generation, as they lie in Redis. */
export interface StoredCounters {
  counts: Record<string, number>;
  days: Record<string, number>;
  /** field -> [units, crossed] or [converted, Σn, Σn², Σv, Σv²] */
  moments: Record<string, number[]>;
}

/** @param id of the experiment: see experimentId() */
export async function readCounters({ redis, prefix }: StoresWorld, id = 'alephbet:button@0'): Promise<StoredCounters> {
  const keys = createRedisKeys(prefix);
  const generation = (await redis.get(keys.pointer)) ?? '';
  const [counts, segments, days, moments, segmentMoments] = await Promise.all(
    [keys.counts, keys.segments, keys.days, keys.moments, keys.segmentMoments].map((keyOf) =>
      redis.hgetall(keyOf(generation, id)),
    ),
  );
  return {
    counts: mapValues({ ...counts, ...segments }, Number),
    days: mapValues(days, Number),
    moments: mapValues({ ...moments, ...segmentMoments }, (text) => text.split(' ').map(Number)),
  };
}

/** How often each event was counted in the experiment `button`: `red:participate` -> count. */
export async function readCounts(world: World): Promise<Record<string, number>> {
  return (await readCounters(world)).counts;
}

function mapValues<T>(values: Record<string, string> = {}, to: (text: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, to(text)]));
}

/** What a replay counts of a record. */
export async function replayedOf(world: StoresWorld, record: ShardRecord, deletions: ConsumerDeps['deletions']) {
  const { dynamodb, claimsTable } = world;
  const config = { claimsTable, claimWindowMs: CLAIM_WINDOW_MS, retentionMs: 7 * DAY_MS };
  const shard = `${world.stream}/${SHARD}`;
  const { records } = await decodeBatch(shard, [record], ownFormats, () => Promise.resolve());
  const countable = await findCountableEvents(shard, records, deletions);
  return readClaims(
    countable,
    createClaims(dynamodb, config, () => undefined),
  );
}
