import { GetRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { shardName } from '../../counting/position.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';
import { findIteratorNear, listShards } from './shards.ts';

/** What of a stream lies behind some positions. */
export interface Backlog {
  /**
   * When the first record after a position arrived, for every shard that the stream still has, by `stream/shard`.
   * @param positions sequence numbers by `stream/shard`; without one, a shard's oldest record is meant
   * @returns ms since 1970; undefined where nothing comes after
   */
  firstAfter: (positions: ReadonlyMap<string, SequenceNumber>) => Promise<Map<string, number | undefined>>;
}

/** Costs a shard one read of one record. @param now ms since 1970 */
export function createBacklog(client: KinesisClient, streamName: string, now: () => number): Backlog {
  async function arrivalAfter(shardId: string, position: SequenceNumber | undefined): Promise<number | undefined> {
    const shard = { streamName, shardId, beside: 'AFTER_SEQUENCE_NUMBER' } as const;
    const ShardIterator = await findIteratorNear(client, shard, position);
    if (ShardIterator === undefined) return undefined;
    const { Records: [record] = [], MillisBehindLatest = 0 } = await client.send(
      new GetRecordsCommand({ ShardIterator, Limit: 1 }),
    );
    if (record?.ApproximateArrivalTimestamp) return record.ApproximateArrivalTimestamp.getTime();
    // A read can find nothing though there is something further on.
    return MillisBehindLatest > 0 ? now() - MillisBehindLatest : undefined;
  }

  return {
    async firstAfter(positions) {
      const found = new Map<string, number | undefined>();
      for (const { ShardId: shardId = '' } of await listShards(client, streamName)) {
        const shard = shardName(streamName, shardId);
        found.set(shard, await arrivalAfter(shardId, positions.get(shard)));
      }
      return found;
    },
  };
}
