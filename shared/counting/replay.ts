import { SLICE_MS } from './apply.ts';
import { catchUp, type CatchUpDeps } from './catch-up.ts';
import { NO_EVENT_LOG } from './log/event-log.ts';
import { ancestorsOf, oldestFirst, shardIdOf } from './position.ts';
import { NO_UPDATE, type Watermarks } from './counters.ts';
import { FIRST_INCARNATION, experimentName, type ExperimentRef } from '../contract/experiment-id.ts';
import type { Loss, Stores } from './ports.ts';
import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';
import { compareGenerations, type Difference } from './compare-generations.ts';

export interface ReplayDeps extends Omit<Stores, 'close' | 'quarantine' | 'layoutOne'> {
  countEvents: CatchUpDeps['countEvents'];
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
  /** Leaves the event log alone: the stream is all that is counted again. */
  fromStream?: boolean;
  /** Leaves out what was received before, ms. */
  from?: number;
  /** Comes back after about so long, ms; what has been counted by then can be gone on with. */
  forMs?: number;
}

export interface ReplayResult {
  served: string;
  replayed: string;
  outcome: 'switched' | 'dry run' | 'would lose' | 'overtaken' | 'unfinished';
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
 * Counts the event log and the stream again into a new generation, while the old one is served and kept current,
 * compares the two, and then serves the new one. On any error the old one stays served.
 * @throws Error where there is nothing to replay, or a store fails
 */
export async function replay(options: ReplayOptions, { log, ...rest }: ReplayDeps): Promise<ReplayResult> {
  const deps = { ...rest, log: options.fromStream ? NO_EVENT_LOG : log };
  const served = await deps.counters.readPointer();
  if (served === undefined) throw new Error('nothing has been counted yet: there is no generation to replay');
  const replayed = options.resume ?? (await deps.generations.next());
  if (replayed === served) throw new Error(`${replayed} is served now: a replay needs another generation`);
  if (options.resume !== undefined && !(await deps.generationStore.list()).includes(replayed)) {
    throw new Error(`${replayed} holds nothing to go on with: start a replay without --resume`);
  }
  deps.say(`${served} is served; counting the stream again into ${replayed}`);

  if (options.from !== undefined) await skipBefore(options.from, served, replayed, deps);
  const timeLeft = untilEndOf(options.forMs, deps.now);
  for (let round = 0; round < ROUNDS_BEFORE_HOLD; round += 1) {
    const followed = await followServed(served, replayed, deps, timeLeft);
    if (followed !== 'level') return withoutComparison(served, replayed, followed);
  }
  for (let attempt = 0; attempt < HOLDS; attempt += 1) {
    const result = await finishUnderHold(served, replayed, options, deps);
    if (result) return result;
  }
  throw new Error(`${replayed} could not catch up with ${served}; go on with: mem replay --resume ${replayed}`);
}

/** A slice that is begun in time may end after it: without that, a replay of fifteen seconds would work for five. */
function untilEndOf(forMs: number | undefined, now: () => number): () => number {
  if (forMs === undefined) return () => Infinity;
  const end = now() + forMs;
  return () => (now() < end ? end - now() + SLICE_MS : 0);
}

function withoutComparison(served: string, replayed: string, outcome: ReplayResult['outcome']): ReplayResult {
  return { served, replayed, outcome, differences: [], losses: [] };
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
    const followed = await followServed(served, replayed, deps, () => Infinity);
    if (followed !== 'level') return withoutComparison(served, replayed, followed);
    const losses = await deps.losses.read(replayed);
    const differences = await compareLiving(served, replayed, deps);
    const result = { served, replayed, differences, losses };

    if (options.dryRun) {
      await generationStore.remove(replayed);
      return { ...result, outcome: 'dry run' };
    }
    if (losses.length > 0 && !options.acceptLoss) return { ...result, outcome: 'would lose' };

    const switched = await generationStore.switchTo(served, replayed);
    if (switched === 'behind') return undefined;
    if (switched === 'switched') await removeAbandoned(served, replayed, deps);
    return { ...result, outcome: switched === 'switched' ? 'switched' : 'overtaken' };
  } finally {
    await generationStore.release();
  }
}

/**
 * Frees what killed replays have left: generations that were begun before the one that was served until now can never be
 * served any more. That one itself stays, for whoever wants to go back.
 */
async function removeAbandoned(served: string, replayed: string, { generationStore, say }: ReplayDeps): Promise<void> {
  const numberOf = (generation: string) => Number(generation.slice(1));
  const others = (await generationStore.list()).filter((found) => found !== replayed); // one may go back to an old one
  const abandoned = others.filter((found) => numberOf(found) < numberOf(served));
  for (const generation of abandoned) {
    await generationStore.remove(generation);
    say(`${generation}, which nobody reads any more, is gone`);
  }
}

/** Leaves out what was deleted: how much of it had been counted by then no replay repeats, and nobody reads it. */
async function compareLiving(served: string, replayed: string, deps: ReplayDeps): Promise<Difference[]> {
  const incarnations = await deps.deletions.readAll();
  const isLiving = ({ namespace, experiment, incarnation }: ExperimentRef) =>
    incarnation === (incarnations.get(experimentName(namespace, experiment)) ?? FIRST_INCARNATION).number;
  const differences = await compareGenerations(served, replayed, deps.counterReader, longerHold(deps));
  return differences.filter((found) => isLiving(found.experiment));
}

/** Thousands of experiments take longer to compare than a hold lasts: it is renewed when a third of it is over. */
function longerHold({ generationStore, now }: ReplayDeps): () => Promise<void> {
  let renewed = now();
  return async () => {
    if (now() - renewed < (HOLD_SECONDS * 1_000) / 3) return;
    renewed = now();
    await generationStore.hold(HOLD_SECONDS);
  };
}

/**
 * Catches every shard up to where the served generation is now: up to there all claims are decided.
 * @returns `overtaken` where the served generation is not served any more
 */
async function followServed(
  served: string,
  replayed: string,
  deps: ReplayDeps,
  timeLeft: () => number,
): Promise<'level' | 'overtaken' | 'unfinished'> {
  const goals = await deps.generationStore.watermarks(served);
  const checkpoints = await deps.checkpoints.readAll(deps.stream);
  const shards = await oldestFirst([...goals.keys()], deps);
  for (let index = 0; index < shards.length;) {
    const shard = shards[index] ?? '';
    const ancestors = await ancestorsOf(shard, deps);
    const watermarks = await deps.counters.readWatermarks(replayed, [...ancestors, shard]);
    if (watermarks.size === 0) await refuseOrphaned(replayed, deps);
    const target = { shard, pointer: served, generation: replayed, ancestors, watermarks, respectHold: false };
    const until = goals.get(shard) ?? '';
    const goal = { until, first: checkpoints.get(shard)?.first ?? until };
    const caughtUp = areReached(ancestors, watermarks, goals) ? await catchUp(target, goal, deps, timeLeft) : 'moved';
    if (caughtUp === 'done') {
      index += 1;
      continue;
    }
    if ((await deps.counters.readPointer()) !== served) return 'overtaken';
    if (caughtUp === 'unfinished' && timeLeft() < Infinity) return 'unfinished';
    // A claim could not be read, another replay moves the same generation, or Redis lost writes: then the ancestors
    // may have to be counted again, and they come first.
    await deps.sleep(RETRY_MS);
    index = 0;
  }
  return 'level';
}

async function refuseOrphaned(replayed: string, { counters }: ReplayDeps): Promise<void> {
  if (!(await counters.isOrphaned(replayed))) return;
  throw new Error(`Redis has lost how far ${replayed} had counted: start another replay, without --resume`);
}

function areReached(shards: readonly string[], watermarks: Watermarks, goals: Watermarks): boolean {
  return shards.every((shard) => {
    const goal = goals.get(shard);
    const watermark = watermarks.get(shard);
    return goal === undefined || (watermark !== undefined && compareSequence(watermark, goal) >= 0);
  });
}

/**
 * Moves each watermark of the new generation to the last record before a time, with nothing counted. That is kept as a
 * loss, so that going on with the generation later cannot switch to it by mistake.
 */
async function skipBefore(from: number, served: string, replayed: string, deps: ReplayDeps): Promise<void> {
  const goals = await deps.generationStore.watermarks(served);
  const checkpoints = await deps.checkpoints.readAll(deps.stream);
  for (const shard of await oldestFirst([...goals.keys()], deps)) {
    const until = goals.get(shard) ?? '';
    const ancestors = await ancestorsOf(shard, deps);
    const watermarks = await deps.counters.readWatermarks(replayed, [...ancestors, shard]);
    const next = await lastBefore(from, until, shard, deps);
    if (next === undefined || watermarks.has(shard)) continue;
    const first = checkpoints.get(shard)?.first ?? next;
    await deps.losses.record({ shard, generation: replayed, from: first, to: next, countedSince: from });
    await deps.counters.apply(
      {
        shard,
        pointer: served,
        generation: replayed,
        ancestors,
        watermarks,
        respectHold: false,
        expected: undefined,
        next,
      },
      NO_UPDATE,
    );
  }
}

/** Never beyond the served watermark: claims after it may be undecided, and their events would count nowhere. */
async function lastBefore(
  from: number,
  until: SequenceNumber,
  shard: string,
  deps: ReplayDeps,
): Promise<SequenceNumber | undefined> {
  let last: SequenceNumber | undefined;
  for await (const { events, through } of deps.log.read(shard, undefined)) {
    for (const { sequence, at } of events) {
      if (at >= from || compareSequence(sequence, until) > 0) return last;
      last = sequence;
    }
    if (compareSequence(through, until) > 0) return until;
    last = through;
  }
  for await (const { records } of deps.reader.read(shardIdOf(shard), last)) {
    for (const { sequence, arrival } of records) {
      if (arrival >= from || compareSequence(sequence, until) > 0) return last;
      last = sequence;
    }
  }
  return last;
}
