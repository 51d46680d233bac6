import { claimId } from './claim-id.ts';
import type { ClaimRequest } from '../stores/dynamodb/claims.ts';
import { FIRST_INCARNATION, type Deletions } from '../stores/dynamodb/deletions.ts';
import type { TrackedEvent } from '../contract/event.ts';
import { experimentName } from '../contract/experiment-id.ts';
import type { SequenceNumber } from '../contract/sequence-number.ts';
import type { DecodedRecord } from './decode.ts';

/** An event of a living incarnation, with the claim that it needs before it counts. */
export interface CountableEvent {
  event: TrackedEvent;
  incarnation: number;
  claim: ClaimRequest;
}

export interface CountableRecord {
  sequence: SequenceNumber;
  events: CountableEvent[];
}

/**
 * Gives every event its place: the incarnation that was living when the door received it, and its claim. Events
 * received before their experiment was deleted are left out. The marks are read now, after the batch has arrived.
 * @param shard `stream/shard`
 */
export async function findCountableEvents(
  shard: string,
  records: readonly DecodedRecord[],
  deletions: Pick<Deletions, 'read'>,
): Promise<CountableRecord[]> {
  const names = new Set(records.flatMap(({ events }) => events.map(nameOf)));
  const incarnations = await deletions.read([...names]);

  return records.map(({ sequence, at, events }) => ({
    sequence,
    events: events.flatMap((event, index) => {
      const { number, since } = incarnations.get(nameOf(event)) ?? FIRST_INCARNATION;
      if (at < since) return [];
      const claim = { id: claimId(event, number), owner: `${shard}/${sequence}#${index}`, at };
      return [{ event, incarnation: number, claim }];
    }),
  }));
}

function nameOf({ namespace, experiment }: TrackedEvent): string {
  return experimentName(namespace, experiment);
}
