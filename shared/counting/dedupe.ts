import { TOMBSTONE_OWNER, type ClaimRequest, type Claims, type ClaimReader } from './ports.ts';
import type { CountableEvent, CountableRecord } from './decode.ts';
import type { Places } from './limits/admit.ts';
import { countedAs, type Overflow, ownerWith, partsOf } from './limits/overflow.ts';

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
 * the same time: the claim lets only one of them be right, and a replay decides as that one did. Likewise for segments
 * that find no place.
 */
export async function settleClaims(
  records: readonly CountableRecord[],
  { refused, overflow }: Places,
  claims: Pick<Claims, 'claim'>,
): Promise<Settled> {
  const owned = new Map<CountableEvent, Overflow>();
  const unsettled = new Set<CountableEvent>();

  let contests = groupCopies(records, { refused, overflow });
  while (contests.length > 0) {
    const tried = contests.flatMap(({ tries, turn }) => tries[turn] ?? []);
    const outcomes = await claims.claim(tried.map(({ claim }) => claim));
    tried.forEach(({ event, claim }, index) => {
      const outcome = outcomes[index] ?? 'unsettled';
      if (outcome === 'duplicate') return;
      if (outcome === 'unsettled') unsettled.add(event);
      else if (claim.owner !== TOMBSTONE_OWNER) owned.set(event, partsOf(outcome).overflow);
    });
    contests = contests
      .filter((_, index) => outcomes[index] === 'duplicate')
      .map(({ tries, turn }) => ({ tries, turn: turn + 1 }))
      .filter(({ tries, turn }) => turn < tries.length);
  }

  return keepDecided(
    records,
    (event) => owned.get(event),
    (event) => unsettled.has(event),
    (event) => refused.has(event),
  );
}

function groupCopies(records: readonly CountableRecord[], places: Places): Contest[] {
  const contests = new Map<string, Contest>();
  for (const event of records.flatMap(({ events }) => events)) {
    const id = Buffer.from(event.claim.id).toString('latin1');
    const contest = contests.get(id);
    if (contest) contest.tries.push(...triesOf(event, places));
    else contests.set(id, { tries: triesOf(event, places), turn: 0 });
  }
  return [...contests.values()];
}

/** A refused event may have been admitted, claimed, and not counted yet, by an invocation that then crashed. */
function triesOf(event: CountableEvent, { refused, overflow }: Places): Try[] {
  const owner = ownerWith(event.claim.owner, overflow.get(event) ?? '');
  const own = { event, claim: { ...event.claim, owner } };
  return refused.has(event) ? [{ event, claim: { ...event.claim, owner: TOMBSTONE_OWNER } }, own] : [own];
}

/**
 * Looks up which events count where that has been decided before: at or below a checkpoint or a served watermark. An
 * event counts if its claim is its own. Nothing is claimed, so it costs reads.
 */
export async function readClaims(records: readonly CountableRecord[], claims: ClaimReader): Promise<Settled> {
  const events = records.flatMap((record) => record.events);
  const owners = await claims.readOwners(events.map(({ claim }) => claim.id));
  const ownerOf = new Map(events.map((event, index) => [event, owners[index]]));
  return keepDecided(
    records,
    (event) => {
      const { owner, overflow } = partsOf(ownerOf.get(event) ?? '');
      return owner === event.claim.owner ? overflow : undefined;
    },
    (event) => ownerOf.get(event) === undefined,
  );
}

/** What is known of a slice's claims. */
export interface Settled {
  /** How many records from the first one on have all their claims decided. */
  records: number;
  /** Those of their events that are ours to count, as they count, in stream order. */
  owned: CountableEvent[];
  /** How many of the others are copies; the rest is refused. */
  copies: number;
}

/**
 * Keeps the unbroken run of decided records: counting past a gap would lose what is in the gap.
 * @param ownedAs which segments of an event that is ours find no place; undefined where it is not ours
 */
export function keepDecided(
  records: readonly CountableRecord[],
  ownedAs: (event: CountableEvent) => Overflow | undefined,
  isUnsettled: (event: CountableEvent) => boolean,
  isRefused: (event: CountableEvent) => boolean = () => false,
): Settled {
  const gap = records.findIndex(({ events }) => events.some(isUnsettled));
  const decided = gap === -1 ? records : records.slice(0, gap);
  const events = decided.flatMap((record) => record.events);
  const isOwned = (event: CountableEvent) => ownedAs(event) !== undefined;
  const owned = events.filter(isOwned).map((event) => countedAs(event, ownedAs(event) ?? ''));
  return {
    records: decided.length,
    owned,
    copies: events.filter((event) => !isOwned(event) && !isRefused(event)).length,
  };
}
