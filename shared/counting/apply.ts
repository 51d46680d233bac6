import type { ApplyResult, Watermarks } from './counters.ts';
import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';
import type { CountEvents } from './visitors/count-events.ts';
import type { CountableRecord } from './decode.ts';

import type { Settled } from './dedupe.ts';
import { fieldOf } from '../contract/experiment-id.ts';

/** Into what records are counted, as it was read last. The apply refuses if any of it has changed since. */
export interface Target {
  /** `stream/shard` */
  shard: string;
  pointer: string;
  generation: string;
  ancestors: readonly string[];
  /** Of the shard and its ancestors. */
  watermarks: Watermarks;
  respectHold: boolean;
}

export interface ApplyDeps {
  countEvents: CountEvents;
  /** Decides which events of a slice are ours. */
  settle: (slice: readonly CountableRecord[]) => Promise<Settled>;
  onApplied: (applied: Applied) => void;
}

/** How much one slice was: of its events, `counted` were ours, `copies` were not, and the others were refused. */
export interface Applied {
  records: number;
  events: number;
  counted: number;
  copies: number;
}

/** `through`: the last record that is in the counters now; undefined where none of these records is. */
export type Outcome =
  { result: 'applied'; through: SequenceNumber | undefined } | { result: Exclude<ApplyResult, 'applied'> };

/** Time that a slice may need: with less left, the rest waits. */
export const SLICE_MS = 10_000;

/**
 * Counts the records that are past the shard's watermark, slice by slice, each all or nothing. Stops early, without
 * harm, where claims cannot be decided or the time is up.
 */
export async function applyRecords(
  records: readonly CountableRecord[],
  target: Target,
  deps: ApplyDeps,
  timeLeft: () => number,
): Promise<Outcome> {
  const start = target.watermarks.get(target.shard);
  const fresh = start === undefined ? records : records.filter(({ sequence }) => compareSequence(sequence, start) > 0);
  if (fresh.length === 0) return { result: 'applied', through: records.at(-1)?.sequence };

  let through: SequenceNumber | undefined;
  for (const slice of cutSlices(fresh)) {
    if (timeLeft() < SLICE_MS) break;
    const settled = await deps.settle(slice);
    const next = slice[settled.records - 1]?.sequence;
    if (next === undefined) break;

    const result = await deps.countEvents({ ...target, expected: through ?? start, next }, settled.owned);
    if (result !== 'applied') return { result };

    const events = slice.slice(0, settled.records).reduce((sum, record) => sum + record.events.length, 0);
    deps.onApplied({ records: settled.records, events, counted: settled.owned.length, copies: settled.copies });
    through = next;
    if (settled.records < slice.length) break;
  }
  return { result: 'applied', through };
}

/** About a megabyte of arguments, and milliseconds of Redis' one thread. */
const MAX_EVENTS = 1_000;
/** Managed Redis takes at most 3,999 arguments to one command; each HyperLogLog and each visitor's bucket is a key. */
const MAX_KEYS = 3_500;
/** Counts, days, moments, those of segments, and a dictionary. */
const KEYS_PER_EXPERIMENT = 6;

/** Parts a batch, between records, into runs that one Lua call can apply. A record is never split. */
export function* cutSlices(records: readonly CountableRecord[]): Generator<CountableRecord[]> {
  let slice: CountableRecord[] = [];
  let size = emptySize();
  for (const record of records) {
    addTo(size, record);
    if (slice.length > 0 && (size.events > MAX_EVENTS || keysOf(size) > MAX_KEYS)) {
      yield slice;
      slice = [];
      size = emptySize();
      addTo(size, record);
    }
    slice.push(record);
  }
  if (slice.length > 0) yield slice;
}

interface SliceSize {
  events: number;
  experiments: Set<string>;
  uniques: Set<string>;
  visitors: Set<string>;
}

function emptySize(): SliceSize {
  return { events: 0, experiments: new Set(), uniques: new Set(), visitors: new Set() };
}

function addTo(size: SliceSize, { events }: CountableRecord): void {
  size.events += events.length;
  for (const { event, incarnation } of events) {
    const experiment = fieldOf(event.namespace, event.experiment, String(incarnation));
    size.experiments.add(experiment);
    size.uniques.add(`${experiment}:${fieldOf(event.variant, event.event)}`);
    if (event.unit !== undefined) size.visitors.add(fieldOf(event.namespace, event.unit));
  }
}

function keysOf({ experiments, uniques, visitors }: SliceSize): number {
  return KEYS_PER_EXPERIMENT * experiments.size + uniques.size + visitors.size;
}
