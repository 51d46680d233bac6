import type { ClaimReader } from '../stores/dynamodb/claims.ts';
import type { CountableRecord } from './countable-events.ts';
import { keepDecided, type Settled } from './settled.ts';

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
