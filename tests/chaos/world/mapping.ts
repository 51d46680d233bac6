import { compareSequence, type SequenceNumber } from '../../../shared/contract/sequence-number.ts';
import type { StoredRecord } from '../../../shared/counting/ports.ts';
import type { MemoryStream, Shard } from './memory-stream.ts';
import type { Task } from './tasks.ts';

/** How far Lambda has been told that a shard is processed. */
export interface Mapping {
  /** Shards with something to deliver, whose parents are delivered to their ends. */
  ready: () => Shard[];
  /** Cuts the shard's next batch; `back` records that were processed already may come once more. */
  cut: (shard: Shard, size: number, back: number) => StoredRecord[];
  /** Hands the batch to a task: one that was on this shard before is given up. */
  assign: (shard: Shard, task: Task) => void;
  /** @returns the sequence up to which Lambda takes the shard as processed now; undefined for one given up */
  answer: (
    shard: Shard,
    task: Task,
    batch: readonly StoredRecord[],
    retryFrom: SequenceNumber | undefined,
  ) => SequenceNumber | undefined;
  /** The task on this shard has ended or crashed. */
  isBusy: (shard: Shard) => boolean;
}

export function createMapping(stream: MemoryStream): Mapping {
  const delivered = new Map<string, number>();
  const onShard = new Map<string, Task>();

  /** What has left the stream is never delivered. */
  const deliveredOf = ({ id, trimmed }: Shard) => Math.max(trimmed, delivered.get(id) ?? 0);
  const isDone = (id: string): boolean => {
    const shard = stream.shards.get(id);
    if (!shard) return true;
    return shard.closed && deliveredOf(shard) >= shard.records.length && shard.parents.every(isDone);
  };

  return {
    ready: () =>
      [...stream.shards.values()].filter(
        (shard) => deliveredOf(shard) < shard.records.length && shard.parents.every(isDone),
      ),
    cut(shard, size, back) {
      const begin = Math.max(shard.trimmed, deliveredOf(shard) - back);
      return shard.records.slice(begin, begin + size + back);
    },
    assign: (shard, task) => onShard.set(shard.id, task),
    isBusy: ({ id }) => onShard.get(id)?.state === 'running',
    answer(shard, task, batch, retryFrom) {
      if (onShard.get(shard.id) !== task) return undefined;
      const isProcessed = ({ sequence }: StoredRecord) =>
        retryFrom === undefined || compareSequence(sequence, retryFrom) < 0;
      const end = batch.findLast(isProcessed);
      const position = end ? shard.records.indexOf(end) + 1 : 0;
      if (position <= deliveredOf(shard)) return undefined;
      delivered.set(shard.id, position);
      return end?.sequence;
    },
  };
}
