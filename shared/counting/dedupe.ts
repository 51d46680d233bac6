import { TOMBSTONE_OWNER, type ClaimRequest, type Claims, type ClaimReader } from './ports.ts';
import type { CountableEvent, CountableRecord } from './decode.ts';

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
      else if (claim.owner !== TOMBSTONE_OWNER) owned.add(event);
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
    (event) => ownerOf.get(event) === event.claim.owner,
    (event) => ownerOf.get(event) === undefined,
  );
}

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
