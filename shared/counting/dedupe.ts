import { NOBODY, type ClaimRequest, type Claims } from '../stores/dynamodb/claims.ts';
import type { CountableEvent, CountableRecord } from './countable-events.ts';
import { keepDecided, type Settled } from './settled.ts';

/** One way in which the copies of an event may be decided. */
interface Try {
  event: CountableEvent;
  claim: ClaimRequest;
}

/** Copies of one event, and what is tried next. */
interface Contest {
  tries: Try[];
  turn: number;
}

/**
 * Decides which events count. Copies of one event in the batch are tried in order until one is ours: the owner may be
 * a later one, from an earlier run whose batch was cut differently. Where a claim cannot be decided now, the unbroken
 * run of decided records before it is what can be counted.
 *
 * An event that is refused is claimed for nobody. Another invocation, with newer limits, may admit the same event at
 * the same time: the claim lets only one of them be right, and a replay decides as that one did.
 */
export async function settleClaims(
  records: readonly CountableRecord[],
  refused: ReadonlySet<CountableEvent>,
  claims: Pick<Claims, 'claim'>,
): Promise<Settled> {
  const owned = new Set<CountableEvent>();
  const unsettled = new Set<CountableEvent>();

  let contests = groupCopies(records, refused);
  while (contests.length > 0) {
    const tried = contests.flatMap(({ tries, turn }) => tries[turn] ?? []);
    const outcomes = await claims.claim(tried.map(({ claim }) => claim));
    tried.forEach(({ event, claim }, index) => {
      if (outcomes[index] === 'duplicate') return;
      if (outcomes[index] !== 'owned') unsettled.add(event);
      else if (claim.owner !== NOBODY) owned.add(event);
    });
    contests = contests
      .filter((_, index) => outcomes[index] === 'duplicate')
      .map(({ tries, turn }) => ({ tries, turn: turn + 1 }))
      .filter(({ tries, turn }) => turn < tries.length);
  }

  return keepDecided(
    records,
    (event) => owned.has(event),
    (event) => unsettled.has(event),
    (event) => refused.has(event),
  );
}

function groupCopies(records: readonly CountableRecord[], refused: ReadonlySet<CountableEvent>): Contest[] {
  const contests = new Map<string, Contest>();
  for (const event of records.flatMap(({ events }) => events)) {
    const id = Buffer.from(event.claim.id).toString('latin1');
    const contest = contests.get(id);
    if (contest) contest.tries.push(...triesOf(event, refused));
    else contests.set(id, { tries: triesOf(event, refused), turn: 0 });
  }
  return [...contests.values()];
}

/** A refused event may have been admitted, claimed, and not counted yet, by an invocation that then crashed. */
function triesOf(event: CountableEvent, refused: ReadonlySet<CountableEvent>): Try[] {
  const own = { event, claim: event.claim };
  return refused.has(event) ? [{ event, claim: { ...event.claim, owner: NOBODY } }, own] : [own];
}
