import type { ShardReader } from '../../counting/ports.ts';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SequenceNumber } from '../../contract/sequence-number.ts';

const RECORDS_PER_PAGE = 1_000;
/** A shard answers five reads a second, to all readers together. */
const PAUSE_MS = 250;

export function createShardReader(client: KinesisClient, streamName: string): ShardReader {
  /** Undefined where the shard, or the record, is no longer there. */
  async function iteratorAt(shardId: string, at: SequenceNumber | undefined): Promise<string | undefined> {
    const start =
      at === undefined
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: at } as const);
    try {
      const request = new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ...start });
      return (await client.send(request)).ShardIterator;
    } catch (error) {
      if (error instanceof InvalidArgumentException || error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async function getRecords(iterator: string) {
    for (;;) {
      try {
        return await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_PER_PAGE }));
      } catch (error) {
        if (!(error instanceof ProvisionedThroughputExceededException)) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  return {
    async *read(shardId, after) {
      // The record at `after` is asked for, too: only its being there shows that nothing behind it has been trimmed.
      let expected = after;
      let iterator = await iteratorAt(shardId, after);
      if (iterator === undefined && after !== undefined) iterator = await iteratorAt(shardId, undefined);
      if (iterator === undefined) {
        yield { records: [], trimmed: true, behindMs: 0 };
        return;
      }

      while (iterator !== undefined) {
        const { Records = [], NextShardIterator, MillisBehindLatest = 0 } = await getRecords(iterator);
        const records = Records.map(
          ({ SequenceNumber = '', Data = new Uint8Array(), ApproximateArrivalTimestamp }) => ({
            sequence: SequenceNumber,
            data: Data,
            arrival: ApproximateArrivalTimestamp?.getTime() ?? 0,
          }),
        );
        const found = expected !== undefined && records[0]?.sequence === expected;
        const trimmed = expected !== undefined && records.length > 0 && !found;
        if (records.length > 0) expected = undefined;
        yield { records: found ? records.slice(1) : records, trimmed, behindMs: MillisBehindLatest };
        if (records.length === 0 && MillisBehindLatest === 0) return;
        iterator = NextShardIterator;
      }
    },
  };
}
