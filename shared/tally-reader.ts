import { experimentId, parseExperimentId, type ExperimentRef } from './experiment-id.ts';
import { createRedisKeys } from './redis-keys.ts';
import type { RedisClient } from './redis.ts';
import type { Watermarks } from './counters.ts';

/** When the door received the first and the last event that counts, ms since 1970. */
export interface Span {
  first: number;
  last: number;
}

/** Hashes as they are stored: see "Redis" in docs/architecture.md for their fields. */
export interface StoredTally {
  counts: Readonly<Record<string, string>>;
  moments: Readonly<Record<string, string>>;
}

export interface CountedExperiments {
  /** Dead incarnations too, in no order. */
  refs: ExperimentRef[];
  /** Experiment's id -> span. */
  spans: ReadonlyMap<string, Span>;
  /** Of all experiments together, deleted ones too; undefined before the first event. */
  newest: number | undefined;
}

/** Reads what a report is made of, in few trips. Every answer is from one generation. */
export interface TallyReader {
  experiments: (generation: string) => Promise<CountedExperiments>;
  /** In the order of the refs, in one trip however many they are. */
  tallies: (generation: string, refs: readonly ExperimentRef[]) => Promise<StoredTally[]>;
  /** When one experiment had events, and when any had its last. */
  activity: (generation: string, ref: ExperimentRef) => Promise<{ span: Span | undefined; newest: number | undefined }>;
  newest: (generation: string) => Promise<number | undefined>;
  /** How far each shard is counted. */
  watermarks: (generation: string) => Promise<Watermarks>;
}

/** The field of the activity hash that is of all experiments together. */
const ALL = '';

/** @param prefix the hash tag under which every key lies */
export function createTallyReader(redis: RedisClient, prefix: string): TallyReader {
  const keys = createRedisKeys(prefix);

  return {
    async experiments(generation) {
      const [ids, activity] = await Promise.all([
        redis.smembers(keys.experiments(generation)),
        redis.hgetall(keys.activity(generation)),
      ]);
      const spans = new Map<string, Span>();
      for (const [id, text] of Object.entries(activity)) {
        const span = parseSpan(text);
        if (span) spans.set(id, span);
      }
      return { refs: ids.flatMap((id) => parseExperimentId(id) ?? []), spans, newest: spans.get(ALL)?.last };
    },

    async tallies(generation, refs) {
      if (refs.length === 0) return [];
      const pipeline = redis.pipeline();
      for (const ref of refs) {
        const id = experimentId(ref);
        pipeline.hgetall(keys.counts(generation, id));
        pipeline.hgetall(keys.moments(generation, id));
      }
      const replies = ((await pipeline.exec()) ?? []).map(([error, fields]) => {
        if (error) throw error;
        return fields as Record<string, string>;
      });
      return refs.map((_, i) => ({ counts: replies[2 * i] ?? {}, moments: replies[2 * i + 1] ?? {} }));
    },

    async activity(generation, ref) {
      const [own, all] = await redis.hmget(keys.activity(generation), experimentId(ref), ALL);
      return { span: parseSpan(own), newest: parseSpan(all)?.last };
    },

    newest: async (generation) => parseSpan(await redis.hget(keys.activity(generation), ALL))?.last,

    watermarks: async (generation) => new Map(Object.entries(await redis.hgetall(keys.watermarks(generation)))),
  };
}

/** `1700000000000 1700000360000` */
function parseSpan(text: string | null | undefined): Span | undefined {
  const [, first, last] = /^(\d+) (\d+)$/.exec(text ?? '') ?? [];
  return first === undefined || last === undefined ? undefined : { first: Number(first), last: Number(last) };
}
