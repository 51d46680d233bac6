import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';
import type { ShardRecord } from './decode.ts';
import { shardIdOf } from './position.ts';
import type { Checkpoint, Checkpoints, Losses, ShardReader } from './ports.ts';

export interface GapDeps {
  reader: ShardReader;
  losses: Pick<Losses, 'record'>;
  /** ms since 1970 */
  now: () => number;
  /** How long the stream keeps a record, ms; Infinity where nothing leaves it unseen. */
  retentionMs: number;
}

/** Where counting stands for the shard whose records are to be counted. */
export interface GapPosition {
  shard: string;
  generation: string;
  watermark: SequenceNumber | undefined;
  checkpoint: Checkpoint | undefined;
}

/** Records a loss where something may have left the stream between what was counted and a batch's first record. */
export type NoticeGap = (position: GapPosition, first: ShardRecord) => Promise<void>;

/**
 * Delivery begins at the oldest record there is: after an outage that lasts longer than the stream's retention, what was
 * between that and the watermark is gone, and no sequence number shows it. Nothing is gone if the last record that was
 * counted, or the last time when there was none after it, is younger than the retention, or if that record is still in
 * the stream. Checkpoints of version 0.1.0 know no times: they show nothing.
 */
export function createNoticeGap({ reader, losses, now, retentionMs }: GapDeps): NoticeGap {
  return async ({ shard, generation, watermark, checkpoint }, first) => {
    const known = checkpoint && knownUntil(checkpoint);
    if (watermark === undefined || known === undefined || known >= now() - retentionMs) return;
    if (compareSequence(first.sequence, watermark) <= 0 || (await isStillThere(watermark, shard, reader))) return;
    const countedSince = first.arrival ?? now();
    await losses.record({ shard, generation, from: watermark, to: first.sequence, countedSince });
  };
}

/** Until when nothing came after a checkpoint's record that is unknown, ms; undefined where nothing tells. */
function knownUntil({ arrival, end }: Checkpoint): number | undefined {
  return arrival === undefined ? end : Math.max(arrival, end ?? 0);
}

async function isStillThere(record: SequenceNumber, shard: string, reader: ShardReader): Promise<boolean> {
  for await (const { records, trimmed } of reader.read(shardIdOf(shard), record)) {
    if (trimmed) return false;
    if (records.length > 0) return true;
  }
  return false;
}

export interface EndDeps extends Pick<GapDeps, 'reader' | 'now' | 'retentionMs'> {
  checkpoints: Pick<Checkpoints, 'sawEnd'>;
}

/**
 * Notes of shards without traffic that nothing came after what was counted, long before that record leaves the stream:
 * else their next record would look as if there had been others before it.
 */
export async function noteEnds(
  checkpoints: ReadonlyMap<string, Checkpoint>,
  { reader, now, retentionMs, checkpoints: store }: EndDeps,
): Promise<void> {
  for (const [shard, checkpoint] of checkpoints) {
    const asked = now();
    const known = knownUntil(checkpoint);
    const isDue = known !== undefined && known < asked - retentionMs / 4 && known >= asked - retentionMs;
    if (isDue && (await isAtEnd(checkpoint.sequence, shard, reader))) {
      await store.sawEnd(shard, checkpoint.sequence, asked);
    }
  }
}

async function isAtEnd(last: SequenceNumber, shard: string, reader: ShardReader): Promise<boolean> {
  for await (const { records, trimmed } of reader.read(shardIdOf(shard), last)) {
    if (trimmed || records.length > 0) return false;
  }
  return true;
}
