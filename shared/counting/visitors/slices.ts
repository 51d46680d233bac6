import type { SliceUpdate } from '../counters.ts';
import type { CountableRecord } from '../decode.ts';
import { fieldOf } from '../../contract/experiment-id.ts';

/** About a megabyte of arguments, and milliseconds of Redis' one thread. */
const MAX_EVENTS = 1_000;
/** An event counts once more for each of its segments: of a thousand with eight, one call took Redis longer than 50 ms. */
const MAX_COUNTS = 2_000;
/** Managed Redis takes at most 3,999 arguments to one command; each HyperLogLog and each visitor's bucket is a key. */
export const MAX_KEYS = 3_500;
/** Counts, days, moments, those of segments, and a dictionary. */
const KEYS_PER_EXPERIMENT = 6;

/** Parts a batch, between records, into runs that one Lua call can apply. A record is never split. */
export function* cutSlices(records: readonly CountableRecord[]): Generator<CountableRecord[]> {
  let slice: CountableRecord[] = [];
  let size = emptySize();
  for (const record of records) {
    addTo(size, record);
    if (slice.length > 0 && isTooLarge(size)) {
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
  counts: number;
  experiments: Set<string>;
  uniques: Set<string>;
  visitors: Set<string>;
}

function emptySize(): SliceSize {
  return { events: 0, counts: 0, experiments: new Set(), uniques: new Set(), visitors: new Set() };
}

function addTo(size: SliceSize, { events }: CountableRecord): void {
  size.events += events.length;
  for (const { event, incarnation } of events) {
    size.counts += 1 + Object.keys(event.segments ?? {}).length;
    if (event.experiment !== undefined) {
      const experiment = fieldOf(event.namespace, event.experiment, String(incarnation));
      size.experiments.add(experiment);
      size.uniques.add(`${experiment}:${fieldOf(event.variant, event.event)}`);
    }
    if (event.unit !== undefined) size.visitors.add(fieldOf(event.namespace, event.unit));
  }
}

function isTooLarge(size: SliceSize): boolean {
  return size.events > MAX_EVENTS || size.counts > MAX_COUNTS || keysOf(size) > MAX_KEYS;
}

function keysOf({ experiments, uniques, visitors }: SliceSize): number {
  return KEYS_PER_EXPERIMENT * experiments.size + uniques.size + visitors.size;
}

/** How many keys an update changes, where goals count that name no experiment: that shows when records have been read. */
export function keysOfUpdate({ sums, records }: Pick<SliceUpdate, 'sums' | 'records'>): number {
  const uniques = [...sums.values()].reduce((sum, experiment) => sum + experiment.uniques.size, 0);
  return KEYS_PER_EXPERIMENT * sums.size + uniques + records.length;
}

export function halve(slice: readonly CountableRecord[]): CountableRecord[][] {
  const middle = Math.ceil(slice.length / 2);
  return [slice.slice(0, middle), slice.slice(middle)];
}
