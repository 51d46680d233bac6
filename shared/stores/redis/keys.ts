import type { ExperimentRef } from '../../contract/experiment-id.ts';
import { experimentId, fieldOf } from '../../contract/experiment-id.ts';
import { VERSIONS } from '../../contract/versions.ts';

/** Names every key of Mem in Redis: see "Redis" in docs/architecture.md. */
export interface RedisKeys {
  pointer: string;
  /** Of version 0.1.0, whose counters are carried over. */
  layoutOnePointer: string;
  /** Whose all of this is: the id of an installation, and its name. */
  owner: string;
  hold: string;
  /** Who carries counters over from layout 1, and how far that has come. */
  carryLock: string;
  carrying: string;
  /** With this, a generation's name and ':' begin all of its keys. */
  generations: string;
  watermarks: (generation: string) => string;
  experiments: (generation: string) => string;
  activity: (generation: string) => string;
  totals: (generation: string) => string;
  counts: (generation: string, id: string) => string;
  segments: (generation: string, id: string) => string;
  /** How many events carry each segment: the names, without all that is counted of them. */
  labels: (generation: string, id: string) => string;
  days: (generation: string, id: string) => string;
  moments: (generation: string, id: string) => string;
  segmentMoments: (generation: string, id: string) => string;
  uniques: (generation: string, id: string, variantAndEvent: string) => string;
  visitors: (generation: string, namespace: string, bucket: number) => string;
  largeVisitors: (generation: string, namespace: string) => string;
  /** The shards that have had goals that wait. */
  waitingShards: (generation: string) => string;
  /** Whose records hold goals that wait, by when the newest was received. */
  waiting: (generation: string, shard: string) => string;
  /** @param of see Dictionaries in counting/visitors/fold.ts */
  codes: (generation: string, of: string) => string;
}

/**
 * The layout of counters and records. Each has its pointer and its generations under keys of their own, so that a
 * version of Mem finds only what it can read. Layout 1, of version 0.1.0, has no number in its keys.
 */
const LAYOUT = VERSIONS.layout;

/** Visitors lie in 2 ** 13 hashes, unless a generation's name says otherwise: `g7b15`. */
const BUCKET_BITS = 13;
const MOST_BUCKET_BITS = 20;

const GENERATION = /^g\d+(?:b(\d+))?$/;

export function isGeneration(name: string): boolean {
  return GENERATION.test(name);
}

/**
 * How many bits of a visitor's digest name the bucket. It is part of the generation's name, so that it is compared
 * wherever the pointer is, and cannot get lost alone.
 */
export function bucketBits(generation: string): number {
  const bits = Number(GENERATION.exec(generation)?.[1] ?? BUCKET_BITS);
  return Math.min(bits, MOST_BUCKET_BITS);
}

export function bucketOf(digest: Uint8Array, bits: number): number {
  const [a = 0, b = 0, c = 0] = digest;
  return ((a << 16) | (b << 8) | c) >>> (24 - bits);
}

/** @param prefix a hash tag such as `{mem}`: one node of a cluster holds all keys */
export function createRedisKeys(prefix: string): RedisKeys {
  const layout = `${prefix}:${LAYOUT}`;
  const whole = (kind: string) => (generation: string) => `${layout}:${generation}:${kind}`;
  const perExperiment = (kind: string) => (generation: string, id: string) => `${layout}:${generation}:${kind}:${id}`;
  return {
    pointer: `${layout}:generation`,
    layoutOnePointer: `${prefix}:generation`,
    owner: `${prefix}:owner`,
    hold: `${prefix}:hold`,
    carryLock: `${layout}:carry-lock`,
    carrying: `${layout}:carrying`,
    generations: `${layout}:`,
    watermarks: whole('watermarks'),
    experiments: whole('experiments'),
    activity: whole('activity'),
    totals: whole('totals'),
    counts: perExperiment('counts'),
    segments: perExperiment('segments'),
    labels: perExperiment('labels'),
    days: perExperiment('days'),
    moments: perExperiment('moments'),
    segmentMoments: perExperiment('segment-moments'),
    uniques: (generation, id, variantAndEvent) => `${layout}:${generation}:uniques:${id}:${variantAndEvent}`,
    visitors: (generation, namespace, bucket) =>
      `${layout}:${generation}:visitors:${encodeURIComponent(namespace)}:${bucket}`,
    largeVisitors: (generation, namespace) => `${layout}:${generation}:large:${encodeURIComponent(namespace)}`,
    waitingShards: whole('waiting'),
    waiting: (generation, shard) => `${layout}:${generation}:waiting:${shard}`,
    codes: perExperiment('codes'),
  };
}

/** Every slice that counts anything, or lets a goal wait, writes some of these together with the watermarks. */
export function keysBesideWatermarks(generation: string, keys: RedisKeys): string[] {
  return [
    keys.experiments(generation),
    keys.totals(generation),
    keys.activity(generation),
    keys.waitingShards(generation),
  ];
}

/** The key of the HyperLogLog for one variant and event of an experiment. */
export function uniquesKey(keys: RedisKeys, generation: string, ref: ExperimentRef, variant: string, event: string) {
  return keys.uniques(generation, experimentId(ref), fieldOf(variant, event));
}
