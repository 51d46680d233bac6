import type { SequenceNumber } from '../contract/sequence-number.ts';
import type { ExperimentRef } from '../contract/experiment-id.ts';
import type { Code } from './visitors/codes.ts';
import type { RecordUpdate, VisitorRecords } from './visitors/visitor-records.ts';

/** What a slice adds to one experiment. Fields are encoded: see fieldOf(). */
export interface ExperimentSums {
  /** How many events there are in all. */
  total: number;
  /** (variant, event) -> how many */
  counts: Map<string, number>;
  /** (variant, event, segment) -> how many */
  segments: Map<string, number>;
  /** (UTC day, variant, event) -> how many */
  days: Map<string, number>;
  /** (variant, event) -> units, or uuids where there is no unit */
  uniques: Map<string, Set<string>>;
  /** When the endpoint received the earliest and the latest of these events, ms. */
  received: { first: number; last: number };
  /** (variant) -> [units, crossed over], (variant, goal) -> [converted, Σn, Σn², Σv, Σv²], all by how much they grow */
  moments: ReadonlyMap<string, readonly number[]>;
  /** The same of each segment. */
  segmentMoments: ReadonlyMap<string, readonly number[]>;
}

/** Experiment's id -> what the slice adds to it. */
export type SliceSums = ReadonlyMap<string, ExperimentSums>;

/** What one slice of a shard's records changes. */
export interface SliceUpdate {
  sums: SliceSums;
  /** Every record that was read, also those that stay as they are. */
  records: readonly RecordUpdate[];
  /** Every entry of a dictionary that was relied on. */
  codes: ReadonlyMap<string, ReadonlyMap<Code, string>>;
}

export const NO_UPDATE: SliceUpdate = { sums: new Map(), records: [], codes: new Map() };

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

/** `changed`: a record, or an entry of a dictionary, is not what was read; the others are about the shard. */
export type ApplyResult = 'applied' | 'conflict' | 'changed' | 'stale generation' | 'held';

export interface Counters extends VisitorRecords {
  /** The served generation; undefined in an empty Redis. */
  readPointer: () => Promise<string | undefined>;
  /** Sets the pointer where there is none, and answers what it is then. */
  initPointer: (generation: string) => Promise<string>;
  readWatermarks: (generation: string, shards: readonly string[]) => Promise<Watermarks>;
  /** Whether a generation has counters and no watermark of any shard: that key was lost, and nothing tells what is in it. */
  isOrphaned: (generation: string) => Promise<boolean>;
  /** Serves another generation in the place of an orphaned one; changes nothing if it is whole, or not served. */
  replaceOrphaned: (generation: string, other: string) => Promise<void>;
  /** Makes the update and moves the watermark in one step, or changes nothing and says why. */
  apply: (move: Move, update: SliceUpdate) => Promise<ApplyResult>;
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
  /** The exact counts of many experiments, of all their visitors together, in their order, in one trip. */
  counts: (generation: string, refs: readonly ExperimentRef[]) => Promise<Count[][]>;
  /** The counts by segment of one experiment. */
  segments: (generation: string, ref: ExperimentRef) => Promise<Count[]>;
  /** Experiment's id -> how many events were counted in all: what its counts have to come to. */
  totals: (generation: string) => Promise<ReadonlyMap<string, number>>;
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
