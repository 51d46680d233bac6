import type { CountableEvent, CountableRecord } from './countable-events.ts';

/** What is known of a slice's claims. */
export interface Settled {
  /** How many records from the first one on have all their claims decided. */
  records: number;
  /** Those of their events that are ours to count, in stream order. */
  owned: CountableEvent[];
  /** How many of the others are copies; the rest is refused. */
  copies: number;
}

/** Keeps the unbroken run of decided records: counting past a gap would lose what is in the gap. */
export function keepDecided(
  records: readonly CountableRecord[],
  isOwned: (event: CountableEvent) => boolean,
  isUnsettled: (event: CountableEvent) => boolean,
  isRefused: (event: CountableEvent) => boolean = () => false,
): Settled {
  const gap = records.findIndex(({ events }) => events.some(isUnsettled));
  const decided = gap === -1 ? records : records.slice(0, gap);
  const events = decided.flatMap((record) => record.events);
  const owned = events.filter(isOwned);
  return {
    records: decided.length,
    owned,
    copies: events.filter((event) => !isOwned(event) && !isRefused(event)).length,
  };
}
