import type { StreamEvent } from '../../contract/event.ts';

/**
 * Which of an event's segments find no place, `0+3-`: the first one counts under the overflow value of its key, the
 * fourth one not at all, since its key has none. It is part of the claim's owner: whoever claims first decides, also for
 * its own retries and for every replay, whatever the limits are then. No name of a stream or shard has a '~'.
 */
export type Overflow = string;

/** What a key's pairs count under that find no place. */
export const OTHER = '(other)';

const SEPARATOR = '~';

export function ownerWith(owner: string, overflow: Overflow): string {
  return overflow === '' ? owner : `${owner}${SEPARATOR}${overflow}`;
}

export function partsOf(stored: string): { owner: string; overflow: Overflow } {
  const [owner = '', overflow = ''] = stored.split(SEPARATOR);
  return { owner, overflow };
}

/** @param places of each segment in turn: whether it has a place, or at least its key's overflow value has one */
export function toOverflow(places: readonly ('own' | 'other' | 'none')[]): Overflow {
  return places.map((place, index) => (place === 'own' ? '' : `${index}${place === 'other' ? '+' : '-'}`)).join('');
}

/** The event as it counts. */
export function countedAs<One extends { event: StreamEvent }>(one: One, overflow: Overflow): One {
  return overflow === '' ? one : { ...one, event: withOverflow(one.event, overflow) };
}

function withOverflow<Event extends StreamEvent>(event: Event, overflow: Overflow): Event {
  const decided = new Map([...overflow.matchAll(/(\d+)([+-])/g)].map(([, index, sign]) => [Number(index), sign]));
  const pairs = Object.entries(event.segments ?? {}).flatMap(([key, value], index): [string, string][] => {
    const sign = decided.get(index);
    return sign === '-' ? [] : [[key, sign === '+' ? OTHER : value]];
  });
  return { ...event, segments: Object.fromEntries(pairs) };
}
