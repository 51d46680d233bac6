import {
  GetShardIteratorCommand,
  InvalidArgumentException,
  ListShardsCommand,
  ResourceNotFoundException,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  type ListShardsCommandOutput,
  type Shard,
} from '@aws-sdk/client-kinesis';
import type { SequenceNumber } from '../../contract/sequence-number.ts';

type Client = Pick<KinesisClient, 'send'>;

/** Every shard that the stream still has, closed ones too. */
export async function listShards(client: Client, streamName: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let page: { StreamName: string } | { NextToken: string } = { StreamName: streamName };
  for (;;) {
    const { Shards = [], NextToken }: ListShardsCommandOutput = await client.send(new ListShardsCommand(page));
    shards.push(...Shards);
    if (NextToken === undefined) return shards;
    page = { NextToken };
  }
}

/** Where reading begins, beside a record: at it or after it. */
type Beside = 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';

/**
 * Where to read a shard from.
 * @param position undefined for the oldest record that is there
 * @returns undefined where the shard, or the record, is no longer there
 */
export async function findIterator(
  client: Client,
  { streamName, shardId, beside }: { streamName: string; shardId: string; beside: Beside },
  position: SequenceNumber | undefined,
): Promise<string | undefined> {
  const start: Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'StartingSequenceNumber'> =
    position === undefined
      ? { ShardIteratorType: 'TRIM_HORIZON' }
      : { ShardIteratorType: beside, StartingSequenceNumber: position };
  try {
    const request = new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ...start });
    return (await client.send(request)).ShardIterator;
  } catch (error) {
    if (error instanceof InvalidArgumentException || error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** As `findIterator`, and from the oldest record where that one has been trimmed; undefined where the shard is gone. */
export async function findIteratorNear(
  ...[client, shard, position]: Parameters<typeof findIterator>
): Promise<string | undefined> {
  const found = await findIterator(client, shard, position);
  if (found !== undefined || position === undefined) return found;
  return findIterator(client, shard, undefined);
}
