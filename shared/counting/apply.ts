import type { ApplyResult, Watermarks } from './counters.ts';
import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';
import type { CountEvents } from './visitors/count-events.ts';
import type { CountableRecord } from './decode.ts';

import type { Settled } from './dedupe.ts';
import { cutSlices, halve } from './visitors/slices.ts';

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
  const slices = [...cutSlices(fresh)];
  for (let slice = slices.shift(); slice; slice = slices.shift()) {
    if (timeLeft() < SLICE_MS) break;
    const settled = await deps.settle(slice);
    const next = slice[settled.records - 1]?.sequence;
    if (next === undefined) break;

    const move = { ...target, expected: through ?? start, next };
    const result = await deps.countEvents(move, settled.owned, slice.length > 1);
    if (result === 'too large') {
      slices.unshift(...halve(slice)); // claims that are settled stay settled
      continue;
    }
    if (result !== 'applied') return { result };

    const events = slice.slice(0, settled.records).reduce((sum, record) => sum + record.events.length, 0);
    deps.onApplied({ records: settled.records, events, counted: settled.owned.length, copies: settled.copies });
    through = next;
    if (settled.records < slice.length) break;
  }
  return { result: 'applied', through };
}
