import type { Result } from 'ioredis';
import { experimentId, fieldOf, parseExperimentId, type ExperimentRef } from '../../contract/experiment-id.ts';
import packTalliesLua from './lua/pack-tallies.lua';
import { createRedisKeys, type RedisKeys } from './keys.ts';
import { readFields, readHash } from './read-hash.ts';
import type { RedisClient } from './client.ts';
import type { Watermarks } from '../../counting/counters.ts';

/** When the door received the first and the last event that counts, ms since 1970. */
export interface Span {
  first: number;
  last: number;
}

/** Hashes as they are stored, of all visitors and of one segment: see "Redis" in docs/architecture.md for their fields. */
export interface StoredTally {
  counts: Readonly<Record<string, string>>;
  moments: Readonly<Record<string, string>>;
  /** segment -> how many events carry it */
  labels: Readonly<Record<string, string>>;
}

/** Of all visitors together: see lua/pack-tallies.lua. */
export type PackedTally = string;

export interface CountedNamespace {
  /** Undefined in an empty Redis. */
  generation: string | undefined;
  /** Dead incarnations too, in no order. */
  experiments: { ref: ExperimentRef; span: Span | undefined; tally: PackedTally }[];
  /** Of all experiments of all namespaces, deleted ones too; undefined before the first event. */
  newest: number | undefined;
  watermarks: Watermarks;
}

/** Reads what a report is made of, in few trips. Every answer is from one generation. */
export interface TallyReader {
  /** Everything that the list of a namespace needs: one trip, or one more where an experiment is new to this reader. */
  namespace: (namespace: string) => Promise<CountedNamespace>;
  /** @param segment `platform=ios`, whose fields are wanted beside those of all visitors */
  tally: (generation: string, ref: ExperimentRef, segment?: string) => Promise<StoredTally>;
  /** When one experiment had events, and when any had its last. */
  activity: (generation: string, ref: ExperimentRef) => Promise<{ span: Span | undefined; newest: number | undefined }>;
  newest: (generation: string) => Promise<number | undefined>;
  /** Every experiment that is known to have had events, dead incarnations too, in no order. */
  active: (generation: string) => Promise<ExperimentRef[]>;
  /** How far each shard is counted. */
  watermarks: (generation: string) => Promise<Watermarks>;
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    memPackTallies(numberOfKeys: number, ...keysAndArguments: string[]): Result<(string | null)[], Context>;
  }
}

/** The field of the activity hash that is of all experiments together. */
const ALL = '';

/** Managed Redis takes at most 3,999 arguments to one command; and a script should not keep others waiting. */
const EXPERIMENTS_PER_CALL = 250;
/** So many fields take a script about twenty milliseconds. */
const FIELDS_PER_CALL = 20_000;

/** Enough for an empty cache: the generation, its experiments, their counts; and one for what came up meanwhile. */
const TRIPS = 4;

/** What a reader remembers between two lists, so that it can ask for everything at once. */
interface Known {
  generation: string;
  ids: ReadonlySet<string>;
}

const NOTHING_KNOWN: Known = { generation: 'g1', ids: new Set() };

/** @param prefix the hash tag under which every key lies */
export function createTallyReader(redis: RedisClient, prefix: string): TallyReader {
  const keys = createRedisKeys(prefix);
  const lastKnown = new Map<string, Known>();
  redis.defineCommand('memPackTallies', { lua: packTalliesLua });

  return {
    async namespace(namespace) {
      let asked = lastKnown.get(namespace) ?? NOTHING_KNOWN;
      for (let trip = 1; ; trip += 1) {
        const answer = await readNamespace(redis, keys, fieldOf(namespace, ''), asked);
        if (answer.generation === undefined) return answer;
        const now: Known = { generation: answer.generation, ids: answer.ids };
        lastKnown.set(namespace, now);
        const isWhole = now.generation === asked.generation && [...now.ids].every((id) => asked.ids.has(id));
        if (isWhole || trip === TRIPS) return answer;
        asked = now;
      }
    },

    async tally(generation, ref, segment) {
      const id = experimentId(ref);
      const [counts = {}, moments = {}, labels = {}] = await Promise.all(
        [keys.counts, keys.moments, keys.labels].map((keyOf) => readHash(redis, keyOf(generation, id))),
      );
      if (segment === undefined) return { counts, moments, labels };
      const [ofCounts, ofMoments] = await Promise.all([
        readFields(redis, keys.segments(generation, id), fieldsIn(segment, counts)),
        readFields(redis, keys.segmentMoments(generation, id), fieldsIn(segment, moments)),
      ]);
      return { counts: { ...counts, ...ofCounts }, moments: { ...moments, ...ofMoments }, labels };
    },

    async activity(generation, ref) {
      const [own, all] = await redis.hmget(keys.activity(generation), experimentId(ref), ALL);
      return { span: parseSpan(own), newest: parseSpan(all)?.last };
    },

    async active(generation) {
      const ids = await redis.hkeys(keys.activity(generation));
      return ids.flatMap((id) => parseExperimentId(id) ?? []);
    },

    newest: async (generation) => parseSpan(await redis.hget(keys.activity(generation), ALL))?.last,

    watermarks: async (generation) => new Map(Object.entries(await redis.hgetall(keys.watermarks(generation)))),
  };
}

/** What is counted of all visitors, as it is named where it is counted of a segment's. */
function fieldsIn(segment: string, whole: Readonly<Record<string, string>>): string[] {
  return Object.keys(whole).map((field) => `${field}:${fieldOf(segment)}`);
}

/** One trip: what is known is asked for whole, and beside it what is there now. */
async function readNamespace(
  redis: RedisClient,
  keys: RedisKeys,
  beginning: string,
  { generation, ids }: Known,
): Promise<CountedNamespace & { ids: ReadonlySet<string> }> {
  const pipeline = redis.pipeline();
  pipeline.get(keys.pointer);
  pipeline.smembers(keys.experiments(generation));
  pipeline.hgetall(keys.activity(generation));
  pipeline.hgetall(keys.watermarks(generation));
  const asked = [...ids];
  for (let first = 0; first < asked.length; first += EXPERIMENTS_PER_CALL) {
    const part = asked.slice(first, first + EXPERIMENTS_PER_CALL);
    const hashes = part.flatMap((id) => [keys.counts(generation, id), keys.moments(generation, id)]);
    pipeline.memPackTallies(hashes.length, ...hashes, `${FIELDS_PER_CALL}`);
  }
  const [pointer, members, activity, watermarks, ...packed] = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
  const spans = activity as Record<string, string>;
  const tallies = packed.flat() as (PackedTally | null)[];
  await readRest(redis, keys, generation, asked, tallies);
  const living = new Set((members as string[]).filter((id) => id.startsWith(beginning)));
  return {
    generation: (pointer as string | null) ?? undefined,
    experiments: asked.flatMap((id, i) => {
      const ref = living.has(id) ? parseExperimentId(id) : undefined;
      return ref ? [{ ref, span: parseSpan(spans[id]), tally: tallies[i] ?? '' }] : [];
    }),
    newest: parseSpan(spans[ALL])?.last,
    watermarks: new Map(Object.entries(watermarks as Record<string, string>)),
    ids: living,
  };
}

/** What was too much for one call is asked for alone. */
async function readRest(
  redis: RedisClient,
  keys: RedisKeys,
  generation: string,
  ids: readonly string[],
  tallies: (PackedTally | null)[],
): Promise<void> {
  for (const [index, id] of ids.entries()) {
    if (tallies[index] !== null) continue;
    const hashes = [keys.counts(generation, id), keys.moments(generation, id)];
    [tallies[index] = ''] = await redis.memPackTallies(hashes.length, ...hashes, `${FIELDS_PER_CALL}`);
  }
}

/** `1700000000000 1700000360000` */
function parseSpan(text: string | null | undefined): Span | undefined {
  const [, first, last] = /^(\d+) (\d+)$/.exec(text ?? '') ?? [];
  return first === undefined || last === undefined ? undefined : { first: Number(first), last: Number(last) };
}
