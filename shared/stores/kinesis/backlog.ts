import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  ListShardsCommand,
  ResourceNotFoundException,
  type KinesisClient,
  type ListShardsCommandOutput,
} from '@aws-sdk/client-kinesis';
import { shardName } from '../../counting/position.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';

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
  async function listShards(): Promise<string[]> {
    const shards: string[] = [];
    let page: { StreamName: string } | { NextToken: string } = { StreamName: streamName };
    for (;;) {
      const { Shards = [], NextToken }: ListShardsCommandOutput = await client.send(new ListShardsCommand(page));
      shards.push(...Shards.flatMap(({ ShardId }) => ShardId ?? []));
      if (NextToken === undefined) return shards;
      page = { NextToken };
    }
  }

  /** Undefined where the shard, or the position, is no longer there. */
  async function iteratorAfter(ShardId: string, position: SequenceNumber | undefined): Promise<string | undefined> {
    const start =
      position === undefined
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position } as const);
    try {
      const request = new GetShardIteratorCommand({ StreamName: streamName, ShardId, ...start });
      return (await client.send(request)).ShardIterator;
    } catch (error) {
      if (error instanceof InvalidArgumentException || error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async function arrivalAfter(shardId: string, position: SequenceNumber | undefined): Promise<number | undefined> {
    const ShardIterator = (await iteratorAfter(shardId, position)) ?? (await iteratorAfter(shardId, undefined));
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
      for (const shardId of await listShards()) {
        const shard = shardName(streamName, shardId);
        found.set(shard, await arrivalAfter(shardId, positions.get(shard)));
      }
      return found;
    },
  };
}
