import {
  GetRecordsCommand,
  ListShardsCommand,
  type KinesisClient,
  type Shard,
  type _Record,
} from '@aws-sdk/client-kinesis';
import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareSequence } from '../shared/contract/sequence-number.ts';
import { findIteratorNear } from '../shared/stores/kinesis/shards.ts';
import type { Positions } from './positions.ts';

/** How Lambda cuts a shard into batches; the values come from the function's `stream` event in serverless.yml. */
export interface MappingSettings {
  batchSize: number;
  batchWindowSeconds: number;
  /** How long it waits between two reads of a shard, ms; Lambda a second. Without it it reads on while there is more. */
  pollMs?: number;
  /** The longest that it waits for the next read while nothing comes, ms; `wake` ends that. Without it 100. */
  longestIdleMs?: number;
}

export interface MappingDeps {
  kinesis: KinesisClient;
  streamName: string;
  settings: MappingSettings;
  /** How far each shard has been delivered: it survives a restart, as Lambda's own does. */
  positions: Positions;
  /** Runs the consumer; rejects where it could not be run. */
  invoke: (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse>;
  /** Told in one line what goes wrong; it is tried again all the same. */
  warn: (line: string) => void;
}

export interface EventSourceMapping {
  /** To be called when something may have been put into the stream: shards are read at once. */
  wake: () => void;
  /** Delivers nothing more, and resolves when the batches under way are answered. */
  stop: () => Promise<void>;
}

/** One invocation takes 6 MB, and base64 makes a third more of every byte. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const POLL_MS = 100;
const LIST_SHARDS_MS = 1_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

interface WaitingRecord {
  sequence: string;
  partitionKey: string;
  data: Uint8Array;
  arrival: number;
}

/**
 * Delivers a stream to the consumer as Lambda's event source mapping does: each shard in order and one batch at a time,
 * parents before their children, from the first record that a batch names as failed again, and for ever.
 */
export function startEventSourceMapping(deps: MappingDeps): EventSourceMapping {
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;
  const naps = new Set<AbortController>();
  let wakes = 0;
  const running = new Map<string, Promise<void>>();
  const pause = (ms: number, signal = stopping.signal) => sleep(ms, undefined, { signal }).catch(() => undefined);

  /** A pause that `wake` ends, and does not begin where somebody has called since `heard`. */
  async function nap(ms: number, heard: number): Promise<void> {
    if (wakes !== heard || stopped()) return;
    const alarm = new AbortController();
    naps.add(alarm);
    await pause(ms, alarm.signal);
    naps.delete(alarm);
  }

  function wake(): void {
    wakes += 1;
    for (const alarm of naps) alarm.abort();
  }

  async function superviseShards(): Promise<void> {
    while (!stopped()) {
      try {
        const shards = await listShards(deps);
        for (const shard of shards) {
          const id = shard.ShardId ?? '';
          if (!running.has(id) && parentsAreDone(shard, shards)) running.set(id, followShard(id));
        }
      } catch (error) {
        deps.warn(`the stream's shards cannot be listed: ${String(error)}`);
      }
      await pause(LIST_SHARDS_MS);
    }
  }

  function parentsAreDone({ ParentShardId, AdjacentParentShardId }: Shard, shards: Shard[]): boolean {
    return [ParentShardId, AdjacentParentShardId]
      .filter((parent) => shards.some(({ ShardId }) => ShardId === parent))
      .every((parent) => parent === undefined || deps.positions.isDone(parent));
  }

  async function followShard(shardId: string): Promise<void> {
    while (!stopped() && !deps.positions.isDone(shardId)) {
      try {
        await readShard(shardId);
      } catch (error) {
        deps.warn(`${shardId} cannot be read, trying again: ${String(error)}`);
        await pause(LIST_SHARDS_MS);
      }
    }
  }

  /** Reads from the shard's position until it ends, or an error makes a new iterator necessary. */
  async function readShard(shardId: string): Promise<void> {
    let iterator = await iteratorAt(shardId, deps);
    let waiting: WaitingRecord[] = [];
    let windowEnds = 0;
    let idleMs = POLL_MS;
    while (!stopped()) {
      const heard = wakes;
      const { Records = [], NextShardIterator } = await deps.kinesis.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit: deps.settings.batchSize }),
      );
      if (waiting.length === 0) windowEnds = Date.now() + deps.settings.batchWindowSeconds * 1_000;
      waiting.push(...Records.map(toWaiting));

      while (waiting.length > 0 && !stopped()) {
        const batch = cutBatch(waiting, deps.settings.batchSize);
        const full = batch.length < waiting.length || batch.length === deps.settings.batchSize;
        if (!full && NextShardIterator !== undefined && Date.now() < windowEnds) break;
        waiting = waiting.slice(batch.length);
        await deliver(shardId, batch);
      }
      if (NextShardIterator === undefined) {
        if (!stopped()) deps.positions.finish(shardId);
        return;
      }
      iterator = NextShardIterator;
      const { longestIdleMs = POLL_MS } = deps.settings;
      idleMs = Records.length + waiting.length > 0 ? POLL_MS : Math.min(2 * idleMs, longestIdleMs);
      const { pollMs = Records.length === 0 ? idleMs : 0 } = deps.settings;
      // While events come they are collected: not each of them is to be read by itself.
      if (pollMs > POLL_MS) await nap(pollMs, heard);
      else if (pollMs > 0) await pause(pollMs);
    }
  }

  async function deliver(shardId: string, batch: WaitingRecord[]): Promise<void> {
    let rest = batch;
    for (let attempt = 0; rest.length > 0 && !stopped(); attempt += 1) {
      const left = await invokeOnce(shardId, rest);
      const last = rest[rest.length - left.length - 1];
      if (last) {
        deps.positions.advance(shardId, last.sequence);
        attempt = 0;
      }
      rest = left;
      if (rest.length > 0) await pause(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt));
    }
  }

  /** Answers the records that are to be delivered again. */
  async function invokeOnce(shardId: string, batch: WaitingRecord[]): Promise<WaitingRecord[]> {
    try {
      const { batchItemFailures } = await deps.invoke(toEvent(batch, shardId, deps.streamName));
      const named = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort(compareSequence)[0];
      const index = named === undefined ? batch.length : batch.findIndex(({ sequence }) => sequence === named);
      return index === -1 ? batch : batch.slice(index);
    } catch (error) {
      if (!stopped()) deps.warn(`the consumer could not be run, trying again: ${String(error)}`);
      return batch;
    }
  }

  const supervision = superviseShards();
  return {
    wake,
    async stop() {
      stopping.abort();
      wake();
      await supervision;
      await Promise.all(running.values());
    },
  };
}

async function listShards({ kinesis, streamName }: MappingDeps): Promise<Shard[]> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: streamName }));
  return Shards;
}

/** A position that the stream does not know is of one that was deleted: what is counted already is not counted twice. */
async function iteratorAt(shardId: string, { kinesis, streamName, positions }: MappingDeps): Promise<string> {
  const place = { streamName, shardId, beside: 'AFTER_SEQUENCE_NUMBER' as const };
  const iterator = await findIteratorNear(kinesis, place, positions.of(shardId));
  if (iterator === undefined) throw new Error(`${shardId}: no iterator`);
  return iterator;
}

/** The longest beginning that one invocation takes; never empty. */
function cutBatch(records: WaitingRecord[], batchSize: number): WaitingRecord[] {
  let bytes = 0;
  const end = records.findIndex(({ data }, index) => {
    bytes += data.byteLength;
    return index > 0 && (index === batchSize || bytes > MAX_BATCH_BYTES);
  });
  return end === -1 ? records : records.slice(0, end);
}

function toWaiting(record: _Record): WaitingRecord {
  return {
    sequence: record.SequenceNumber ?? '',
    partitionKey: record.PartitionKey ?? '',
    data: record.Data ?? new Uint8Array(),
    arrival: (record.ApproximateArrivalTimestamp?.getTime() ?? 0) / 1_000,
  };
}

/** The event that Lambda hands to a function. */
function toEvent(records: WaitingRecord[], shardId: string, streamName: string): KinesisStreamEvent {
  return {
    Records: records.map(({ sequence, partitionKey, data, arrival }): KinesisStreamRecord => ({
      awsRegion: 'us-east-1',
      eventID: `${shardId}:${sequence}`,
      eventName: 'aws:kinesis:record',
      eventSource: 'aws:kinesis',
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`,
      eventVersion: '1.0',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/local',
      kinesis: {
        approximateArrivalTimestamp: arrival,
        data: Buffer.from(data).toString('base64'),
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber: sequence,
      },
    })),
  };
}
