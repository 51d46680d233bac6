import { fieldOf } from '../contract/experiment-id.ts';
import type { CountableRecord } from './countable-events.ts';

/** About a megabyte of arguments, and milliseconds of Redis' one thread. */
const MAX_EVENTS = 1_000;
/** Managed Redis takes at most 3,999 arguments to one command; each experiment and HyperLogLog is a key. */
const MAX_KEYS = 3_500;
const KEYS_PER_EXPERIMENT = 4;

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
}

function emptySize(): SliceSize {
  return { events: 0, experiments: new Set(), uniques: new Set() };
}

function addTo(size: SliceSize, { events }: CountableRecord): void {
  size.events += events.length;
  for (const { event, incarnation } of events) {
    const experiment = fieldOf(event.namespace, event.experiment, String(incarnation));
    size.experiments.add(experiment);
    size.uniques.add(`${experiment}:${fieldOf(event.variant, event.event)}`);
  }
}

function keysOf({ experiments, uniques }: SliceSize): number {
  return KEYS_PER_EXPERIMENT * experiments.size + uniques.size;
}
