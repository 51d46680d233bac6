import type { SequenceNumber } from '../contract/sequence-number.ts';
import type { ExperimentRef } from '../contract/experiment-id.ts';
/** What a batch adds to one experiment. */
export interface ExperimentSums {
  /** (variant, event, segment) -> how many */
  counts: Map<string, number>;
  /** (UTC day, variant, event) -> how many */
  days: Map<string, number>;
  /** (variant, event) -> units, or uuids where there is no unit */
  uniques: Map<string, Set<string>>;
  /** When the door received the earliest and the latest of these events, ms; missing where nothing is counted. */
  received?: { first: number; last: number };
  /** Events of units in stream order: they interleave, so they cannot be summed by kind. */
  visits: Visit[];
}

/** [unit, variant, goal or '' for an exposure, value, …segments], names encoded as in the fields of moments */
export type Visit = [unit: string, variant: string, goal: string, value: number, ...segments: string[]];

/** Experiment's id -> what the batch adds to it. */
export type BatchSums = Map<string, ExperimentSums>;

/** Shard -> last applied sequence number; a shard without one is missing. */
export type Watermarks = ReadonlyMap<string, SequenceNumber>;

export interface Move {
  /** What the pointer to the served generation must still be. */
  pointer: string;
  /** The generation that is counted into. */
  generation: string;
  shard: string;
  /** The shard's watermark must still be this one… */
  expected: SequenceNumber | undefined;
  /** …and becomes this one. */
  next: SequenceNumber;
  ancestors: readonly string[];
  /** What the ancestors' watermarks must still be. */
  watermarks: Watermarks;
  respectHold: boolean;
}

export type ApplyResult = 'applied' | 'conflict' | 'stale generation' | 'held';

export interface Counters {
  /** The served generation; undefined in an empty Redis. */
  readPointer: () => Promise<string | undefined>;
  /** Sets the pointer where there is none, and answers what it is then. */
  initPointer: (generation: string) => Promise<string>;
  readWatermarks: (generation: string, shards: readonly string[]) => Promise<Watermarks>;
  /** Adds the sums and moves the watermark in one step, or changes nothing and says why. */
  apply: (move: Move, sums: BatchSums) => Promise<ApplyResult>;
}

export type SwitchResult = 'switched' | 'behind' | 'stale generation';

/** The generations as a whole: how a replay puts its own in the place of the served one. */
export interface GenerationStore {
  /** The generations that hold anything, in no order. */
  list: () => Promise<string[]>;
  /** All watermarks of a generation. */
  watermarks: (generation: string) => Promise<Watermarks>;
  /** Frees the memory of a generation that is not served, and sees to it that its number is never used again. */
  remove: (generation: string) => Promise<void>;
  /** Serves `other` instead of `served`, unless it is behind in some shard or `served` is not served any more. */
  switchTo: (served: string, other: string) => Promise<SwitchResult>;
  /** Makes deliveries wait for so many seconds at most: it ends by itself, so nothing can stay paused. */
  hold: (seconds: number) => Promise<void>;
  release: () => Promise<void>;
}

/** How often one event happened in one variant; in one segment only, where `segment` is given (`platform=ios`). */
export interface Count {
  variant: string;
  event: string;
  segment?: string;
  count: number;
}

export interface DayCount extends Count {
  /** `2026-11-20`, UTC */
  day: string;
}

/** Reads what the consumer has counted. Every answer is from one generation. */
export interface CounterReader {
  /** The served generation; undefined in an empty Redis. */
  generation: () => Promise<string | undefined>;
  /** Every experiment that has ever been counted, dead incarnations too, in no order. */
  experiments: (generation: string) => Promise<ExperimentRef[]>;
  /** The exact counts of many experiments, in their order, in one trip. */
  counts: (generation: string, refs: readonly ExperimentRef[]) => Promise<Count[][]>;
  days: (generation: string, ref: ExperimentRef) => Promise<DayCount[]>;
  /** (variant, event, segment) -> sums over units: see "Moments" in docs/architecture.md */
  moments: (generation: string, ref: ExperimentRef) => Promise<ReadonlyMap<string, number[]>>;
  /** Approximate numbers of different units, in the order of the pairs. */
  uniques: (generation: string, ref: ExperimentRef, pairs: readonly Count[]) => Promise<number[]>;
  /** Removes what is kept of a visitor. @returns the experiments that had something */
  forgetUnit: (generation: string, refs: readonly ExperimentRef[], unit: string) => Promise<ExperimentRef[]>;
  /** Frees the memory of an incarnation that nobody reads any more. */
  remove: (generation: string, ref: ExperimentRef) => Promise<void>;
}
