import type { CountableEvent, CountableRecord } from './countable-events.ts';

/** What is known of a slice's claims. */
export interface Settled {
  /** How many records from the first one on have all their claims decided. */
  records: number;
  /** Those of their events that are ours to count, in stream order. */
  owned: CountableEvent[];
}

/** Keeps the unbroken run of decided records: counting past a gap would lose what is in the gap. */
export function keepDecided(
  records: readonly CountableRecord[],
  isOwned: (event: CountableEvent) => boolean,
  isUnsettled: (event: CountableEvent) => boolean,
): Settled {
  const gap = records.findIndex(({ events }) => events.some(isUnsettled));
  const decided = gap === -1 ? records : records.slice(0, gap);
  return { records: decided.length, owned: decided.flatMap(({ events }) => events.filter(isOwned)) };
}
