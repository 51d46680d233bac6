import { catchUp, type CatchUpDeps } from '../functions/consumer/catch-up.ts';
import { ancestorsOf, oldestFirst } from '../functions/consumer/heal.ts';
import { shardIdOf } from '../functions/consumer/read-position.ts';
import type { Watermarks } from '../shared/counters.ts';
import type { Loss } from '../shared/losses.ts';
import { compareSequence, type SequenceNumber } from '../shared/sequence-number.ts';
import type { Stores } from '../shared/stores.ts';
import { compareGenerations, type Difference } from './compare-generations.ts';

export interface ReplayDeps extends Omit<Stores, 'close'> {
  onPage: CatchUpDeps['onPage'];
  say: (line: string) => void;
  sleep: (ms: number) => Promise<void>;
}

export interface ReplayOptions {
  /** Goes on with a generation that an interrupted replay began. */
  resume?: string;
  /** Compares and throws the new generation away. */
  dryRun: boolean;
  /** Switches even where the stream no longer holds all that the served generation has counted. */
  acceptLoss: boolean;
  /** Leaves out what was received before, ms. */
  from?: number;
}

export interface ReplayResult {
  served: string;
  replayed: string;
  outcome: 'switched' | 'dry run' | 'would lose' | 'overtaken';
  differences: Difference[];
  losses: Loss[];
}

/** Rounds without a hold: each is shorter than the one before, since less has arrived meanwhile. */
const ROUNDS_BEFORE_HOLD = 3;
/** Longer than the last gap needs; shorter than anybody would notice. */
const HOLD_SECONDS = 30;
const HOLDS = 5;
const RETRY_MS = 500;

/**
 * Counts the stream again into a new generation, while the old one is served and kept current, compares the two, and
 * then serves the new one. On any error the old one stays served.
 * @throws Error where there is nothing to replay, or a store fails
 */
export async function replay(options: ReplayOptions, deps: ReplayDeps): Promise<ReplayResult> {
  const served = await deps.counters.readPointer();
  if (served === undefined) throw new Error('nothing has been counted yet: there is no generation to replay');
  const replayed = options.resume ?? (await deps.generations.next());
  if (replayed === served) throw new Error(`${replayed} is served now: a replay needs another generation`);
  deps.say(`${served} is served; counting the stream again into ${replayed}`);

  if (options.from !== undefined) await skipBefore(options.from, served, replayed, deps);
  for (let round = 0; round < ROUNDS_BEFORE_HOLD; round += 1) {
    if (!(await followServed(served, replayed, deps))) return overtaken(served, replayed);
  }
  for (let attempt = 0; attempt < HOLDS; attempt += 1) {
    const result = await finishUnderHold(served, replayed, options, deps);
    if (result) return result;
  }
  throw new Error(`${replayed} could not catch up with ${served}; go on with: mem replay --resume ${replayed}`);
}

function overtaken(served: string, replayed: string): ReplayResult {
  return { served, replayed, outcome: 'overtaken', differences: [], losses: [] };
}

/**
 * The end of a replay: deliveries wait, so that both generations are equally far, can be compared, and change places.
 * @returns undefined where the hold ran out before that
 */
async function finishUnderHold(
  served: string,
  replayed: string,
  options: ReplayOptions,
  deps: ReplayDeps,
): Promise<ReplayResult | undefined> {
  const { generationStore } = deps;
  await generationStore.hold(HOLD_SECONDS);
  try {
    if (!(await followServed(served, replayed, deps))) return overtaken(served, replayed);
    const losses = await deps.losses.read(replayed);
    const differences = await compareGenerations(served, replayed, deps.counterReader);
    const result = { served, replayed, differences, losses };

    if (options.dryRun) {
      await generationStore.remove(replayed);
      return { ...result, outcome: 'dry run' };
    }
    const shrinks = losses.length > 0 || options.from !== undefined;
    if (shrinks && !options.acceptLoss) return { ...result, outcome: 'would lose' };

    const switched = await generationStore.switchTo(served, replayed);
    if (switched === 'behind') return undefined;
    return { ...result, outcome: switched === 'switched' ? 'switched' : 'overtaken' };
  } finally {
    await generationStore.release();
  }
}

/**
 * Catches every shard up to where the served generation is now: up to there all claims are decided.
 * @returns false where the served generation is not served any more
 */
async function followServed(served: string, replayed: string, deps: ReplayDeps): Promise<boolean> {
  const goals = await deps.generationStore.watermarks(served);
  const checkpoints = await deps.checkpoints.readAll(deps.stream);
  const shards = await oldestFirst([...goals.keys()], deps);
  for (let index = 0; index < shards.length; ) {
    const shard = shards[index] ?? '';
    const ancestors = await ancestorsOf(shard, deps);
    const watermarks = await deps.counters.readWatermarks(replayed, [...ancestors, shard]);
    const target = { shard, pointer: served, generation: replayed, ancestors, watermarks, respectHold: false };
    const until = goals.get(shard) ?? '';
    const goal = { until, first: checkpoints.get(shard)?.first ?? until };
    if (areReached(ancestors, watermarks, goals) && (await catchUp(target, goal, deps, () => Infinity)) === 'done') {
      index += 1;
      continue;
    }
    if ((await deps.counters.readPointer()) !== served) return false;
    // A claim could not be read, another replay moves the same generation, or Redis lost writes: then the ancestors
    // may have to be counted again, and they come first.
    await deps.sleep(RETRY_MS);
    index = 0;
  }
  return true;
}

function areReached(shards: readonly string[], watermarks: Watermarks, goals: Watermarks): boolean {
  return shards.every((shard) => {
    const goal = goals.get(shard);
    const watermark = watermarks.get(shard);
    return goal === undefined || (watermark !== undefined && compareSequence(watermark, goal) >= 0);
  });
}

/** Moves each watermark of the new generation to the last record before a time, with nothing counted. */
async function skipBefore(from: number, served: string, replayed: string, deps: ReplayDeps): Promise<void> {
  const goals = await deps.generationStore.watermarks(served);
  for (const shard of await oldestFirst([...goals.keys()], deps)) {
    const ancestors = await ancestorsOf(shard, deps);
    const watermarks = await deps.counters.readWatermarks(replayed, [...ancestors, shard]);
    const next = await lastBefore(from, shard, deps);
    if (next === undefined || watermarks.has(shard)) continue;
    await deps.counters.apply(
      { shard, pointer: served, generation: replayed, ancestors, watermarks, respectHold: false, expected: undefined, next },
      new Map(),
    );
  }
}

async function lastBefore(from: number, shard: string, deps: ReplayDeps): Promise<SequenceNumber | undefined> {
  let last: SequenceNumber | undefined;
  for await (const { records } of deps.reader.read(shardIdOf(shard), undefined)) {
    for (const { sequence, arrival } of records) {
      if (arrival >= from) return last;
      last = sequence;
    }
  }
  return last;
}

