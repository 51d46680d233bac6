import type { Checkpoints, Claims, Deletions, Quarantine, QuarantinedRecord, RecordFormats } from './ports.ts';
import type { ApplyResult, Counters } from './counters.ts';
import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';
import { type Admit, refuseOverLimits } from './limits/admit.ts';
import { applyRecords, type Applied } from './apply.ts';
import type { CountEvents } from './visitors/count-events.ts';
import { findCountableEvents, type CountableRecord, decodeBatch, type ShardRecord } from './decode.ts';
import type { NoticeGap } from './gap.ts';
import { readPosition, shardName, type PositionDeps, type ShardBehind } from './position.ts';
import type { RefusalCode } from './limits/refusal.ts';
import type { Samples } from './limits/samples.ts';
import { settleClaims } from './dedupe.ts';

export interface ConsumerDeps extends PositionDeps {
  counters: Counters;
  countEvents: CountEvents;
  claims: Pick<Claims, 'claim'>;
  checkpoints: Pick<Checkpoints, 'read' | 'advance'>;
  quarantine: Pick<Quarantine, 'put'>;
  /** How much of what is refused is kept. */
  samples: Samples;
  deletions: Pick<Deletions, 'read'>;
  admit: Admit;
  formats: RecordFormats;
  noticeGap: NoticeGap;
  /** Brings shards that have lost counters back to their checkpoints; false where the time does not suffice. */
  catchUp: (behind: readonly ShardBehind[], generation: string, timeLeft: () => number) => Promise<boolean>;
  /** Told what a batch came to, for logs and metrics. */
  observe: (event: ConsumerEvent) => void;
}

export type ConsumerEvent =
  | ({ kind: 'applied'; shard: string } & Applied)
  | { kind: 'quarantined'; shard: string; sequence: SequenceNumber; reason: string }
  | { kind: 'events quarantined'; shard: string; refused: Partial<Record<RefusalCode, number>> }
  | { kind: 'unkept'; shard: string; sequence: SequenceNumber; events: number; error?: unknown }
  | { kind: 'newer'; shard: string; sequence: SequenceNumber; version: number }
  | { kind: 'behind'; shards: readonly ShardBehind[] }
  | { kind: 'refused'; shard: string; result: ApplyResult }
  | { kind: 'failed'; shard: string; error: unknown };

/** After a conflict the position is read anew; a shard that conflicts so often has another invocation on it. */
const MAX_ATTEMPTS = 5;

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
    const arrival = records.findLast(({ sequence }) => sequence === through)?.arrival;
    await deps.checkpoints.advance(shard, through, first, arrival);
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
  const { records: decoded, newer } = await decodeBatch(shard, records, deps.formats, (record) =>
    keepUnreadable(record, deps),
  );
  if (newer) deps.observe({ kind: 'newer', shard, ...newer });
  if (decoded.length === 0) return undefined;
  const countable = await findCountableEvents(shard, decoded, deps.deletions);

  const refuseDeps = {
    admit: deps.admit,
    quarantine: deps.quarantine,
    samples: deps.samples,
    onUnkept: (sequence: SequenceNumber, events: number, error?: unknown) =>
      deps.observe({ kind: 'unkept', shard, sequence, events, error }),
    onRefused: (refused: Partial<Record<RefusalCode, number>>) =>
      deps.observe({ kind: 'events quarantined', shard, refused }),
  };
  const applyDeps = {
    countEvents: deps.countEvents,
    settle: async (slice: readonly CountableRecord[]) =>
      settleClaims(slice, await refuseOverLimits(shard, slice, refuseDeps), deps.claims),
    onApplied: (applied: Applied) => deps.observe({ kind: 'applied', shard, ...applied }),
  };

  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const position = await readPosition(shardId, deps);
    if (position.behind.length > 0) {
      deps.observe({ kind: 'behind', shards: position.behind });
      if (!(await deps.catchUp(position.behind, position.generation, timeLeft))) return undefined;
      continue;
    }
    const { generation, ancestors, watermarks, checkpoint } = position;
    if (records[0]) {
      await deps.noticeGap({ shard, generation, watermark: watermarks.get(shard), checkpoint }, records[0]);
    }
    const target = { shard, pointer: generation, generation, ancestors, watermarks, respectHold: true };
    const outcome = await applyRecords(countable, target, applyDeps, timeLeft);
    if (outcome.result === 'applied') return outcome.through;
    deps.observe({ kind: 'refused', shard, result: outcome.result });
    if (outcome.result === 'held') return undefined;
  }
  return undefined;
}

/** A record that nobody can read is kept where that is possible; it stops its shard in no case. */
async function keepUnreadable(
  record: QuarantinedRecord,
  { quarantine, samples, observe }: ConsumerDeps,
): Promise<void> {
  const { shard, sequence, reason } = record;
  observe({ kind: 'quarantined', shard, sequence, reason });
  if (!samples.take('unreadable')) {
    observe({ kind: 'unkept', shard, sequence, events: 0 });
    return;
  }
  try {
    await quarantine.put(record);
  } catch (error) {
    observe({ kind: 'unkept', shard, sequence, events: 0, error });
  }
}
