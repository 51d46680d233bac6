import type { Checkpoints } from '../../shared/checkpoints.ts';
import type { Claims } from '../../shared/claims.ts';
import type { ApplyResult, Counters } from '../../shared/counters.ts';
import type { Deletions } from '../../shared/deletions.ts';
import type { Quarantine } from '../../shared/quarantine.ts';
import { compareSequence, type SequenceNumber } from '../../shared/sequence-number.ts';
import { addUp } from './add-up.ts';
import { findCountableEvents, type CountableRecord } from './countable-events.ts';
import { cutSlices } from './cut-slices.ts';
import { decodeBatch, type ShardRecord } from './decode-batch.ts';
import { readPosition, shardName, type Position, type PositionDeps, type ShardBehind } from './read-position.ts';
import { settleClaims } from './settle-claims.ts';

export interface ConsumerDeps extends PositionDeps {
  counters: Counters;
  claims: Claims;
  checkpoints: Checkpoints;
  quarantine: Quarantine;
  deletions: Pick<Deletions, 'read'>;
  /** Brings shards that have lost counters back to their checkpoints; false where the time does not suffice. */
  catchUp: (behind: readonly ShardBehind[], timeLeft: () => number) => Promise<boolean>;
  /** Told what a batch came to, for logs and metrics. */
  observe: (event: ConsumerEvent) => void;
}

export type ConsumerEvent =
  | { kind: 'applied'; shard: string; records: number; events: number; counted: number }
  | { kind: 'behind'; shards: readonly ShardBehind[] }
  | { kind: 'refused'; shard: string; result: ApplyResult }
  | { kind: 'failed'; shard: string; error: unknown };

/** Answers what became of a batch: `applied` up to and with a record, or an apply that Redis refused. */
type Outcome = { result: 'applied'; through: SequenceNumber | undefined } | { result: Exclude<ApplyResult, 'applied'> };

/** After a conflict the position is read anew; a shard that conflicts so often has another invocation on it. */
const MAX_ATTEMPTS = 5;
/** Time that a slice may need: with less left, the rest of the batch waits for the next delivery. */
const SLICE_MS = 10_000;

/**
 * Counts one batch of a shard's records, exactly once, whatever was done with them before.
 * @param timeLeft ms until the invocation is given up
 * @returns the sequence number from which the batch is to be delivered again; undefined where all of it is counted
 *   and checkpointed. Never rejects: a failure is an answer too.
 */
export async function consume(
  shardId: string,
  records: readonly ShardRecord[],
  deps: ConsumerDeps,
  timeLeft: () => number,
): Promise<SequenceNumber | undefined> {
  const first = records[0]?.sequence;
  if (first === undefined) return undefined;
  const shard = shardName(deps.stream, shardId);
  try {
    const through = await countBatch(shardId, records, deps, timeLeft);
    if (through === undefined) return first;

    // Nothing is reported as processed before this is durable: that is what shows a Redis that lost writes.
    await deps.checkpoints.advance(shard, through);
    return records.find(({ sequence }) => compareSequence(sequence, through) > 0)?.sequence;
  } catch (error) {
    deps.observe({ kind: 'failed', shard, error });
    return first;
  }
}

/** Answers the last sequence number that is in the counters; undefined where nothing of the batch was applied. */
async function countBatch(
  shardId: string,
  records: readonly ShardRecord[],
  deps: ConsumerDeps,
  timeLeft: () => number,
): Promise<SequenceNumber | undefined> {
  const shard = shardName(deps.stream, shardId);
  const decoded = await decodeBatch(shard, records, deps.quarantine);
  const countable = await findCountableEvents(shard, decoded, deps.deletions);

  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const position = await readPosition(shardId, deps);
    if (position.behind.length > 0) {
      deps.observe({ kind: 'behind', shards: position.behind });
      if (!(await deps.catchUp(position.behind, timeLeft))) return undefined;
      continue;
    }
    const outcome = await applyBatch(shard, countable, position, deps, timeLeft);
    if (outcome.result === 'applied') return outcome.through;
    deps.observe({ kind: 'refused', shard, result: outcome.result });
    if (outcome.result === 'held') return undefined;
  }
  return undefined;
}

async function applyBatch(
  shard: string,
  records: readonly CountableRecord[],
  position: Position,
  deps: ConsumerDeps,
  timeLeft: () => number,
): Promise<Outcome> {
  const start = position.watermarks.get(shard);
  const fresh = start === undefined ? records : records.filter(({ sequence }) => compareSequence(sequence, start) > 0);
  if (fresh.length === 0) return { result: 'applied', through: records.at(-1)?.sequence };

  let through: SequenceNumber | undefined;
  for (const slice of cutSlices(fresh)) {
    if (timeLeft() < SLICE_MS) break;
    const settled = await settleClaims(slice, deps.claims);
    const next = slice[settled.records - 1]?.sequence;
    if (next === undefined) break;

    const { generation, ancestors, watermarks } = position;
    const move = { pointer: generation, generation, shard, expected: through ?? start, next, ancestors, watermarks };
    const result = await deps.counters.apply({ ...move, respectHold: true }, addUp(settled.owned));
    if (result !== 'applied') return { result };

    const events = slice.slice(0, settled.records).reduce((sum, record) => sum + record.events.length, 0);
    deps.observe({ kind: 'applied', shard, records: settled.records, events, counted: settled.owned.length });
    through = next;
    if (settled.records < slice.length) break;
  }
  return { result: 'applied', through };
}
