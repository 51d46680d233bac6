import type { StreamLineage } from '../../counting/ports.ts';
import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { listShards } from './shards.ts';

/** A shard's parents never change, so they are asked for once: again only for a shard not seen before. */
export function createShardLineage(client: KinesisClient, streamName: string): StreamLineage {
  let parents = new Map<string, string[]>();

  async function listParents(): Promise<Map<string, string[]>> {
    const shards = await listShards(client, streamName);
    return new Map(
      shards.map(({ ShardId = '', ParentShardId, AdjacentParentShardId }) => [
        ShardId,
        [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
      ]),
    );
  }

  function collect(shard: string, ancestors: Set<string>): void {
    for (const parent of parents.get(shard) ?? []) {
      if (ancestors.has(parent)) continue; // a split and a merge: two ways lead to the same shard
      collect(parent, ancestors);
      ancestors.add(parent);
    }
  }

  return {
    async ancestorsOf(shard) {
      if (!parents.has(shard)) parents = await listParents();
      const ancestors = new Set<string>();
      collect(shard, ancestors);
      return [...ancestors];
    },
    isListed: (shard) => parents.has(shard),
  };
}

/** When the stream was made, ms: one that was deleted and made again has the same name and the same shards' names. */
export async function readStreamCreation(client: KinesisClient, streamName: string): Promise<number> {
  const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }));
  return StreamDescriptionSummary?.StreamCreationTimestamp?.getTime() ?? 0;
}
