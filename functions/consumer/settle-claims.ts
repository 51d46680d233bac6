import type { Claims } from '../../shared/claims.ts';
import type { CountableEvent, CountableRecord } from './countable-events.ts';
import { keepDecided, type Settled } from './settled.ts';

/** Copies of one event, and whose turn it is to claim. */
interface Contest {
  events: CountableEvent[];
  turn: number;
}

/**
 * Decides which events count. Copies of one event in the batch are tried in order until one is ours: the owner may be
 * a later one, from an earlier run whose batch was cut differently. Where a claim cannot be decided now, the unbroken
 * run of decided records before it is what can be counted.
 */
export async function settleClaims(records: readonly CountableRecord[], claims: Pick<Claims, 'claim'>): Promise<Settled> {
  const owned = new Set<CountableEvent>();
  const unsettled = new Set<CountableEvent>();

  let contests = groupCopies(records);
  while (contests.length > 0) {
    const tried = contests.flatMap(({ events, turn }) => events[turn] ?? []);
    const outcomes = await claims.claim(tried.map(({ claim }) => claim));
    tried.forEach((event, index) => {
      if (outcomes[index] === 'owned') owned.add(event);
      else if (outcomes[index] !== 'duplicate') unsettled.add(event);
    });
    contests = contests
      .filter((_, index) => outcomes[index] === 'duplicate')
      .map(({ events, turn }) => ({ events, turn: turn + 1 }))
      .filter(({ events, turn }) => turn < events.length);
  }

  return keepDecided(
    records,
    (event) => owned.has(event),
    (event) => unsettled.has(event),
  );
}

function groupCopies(records: readonly CountableRecord[]): Contest[] {
  const contests = new Map<string, Contest>();
  for (const event of records.flatMap(({ events }) => events)) {
    const id = Buffer.from(event.claim.id).toString('latin1');
    const contest = contests.get(id);
    if (contest) contest.events.push(event);
    else contests.set(id, { events: [event], turn: 0 });
  }
  return [...contests.values()];
}
