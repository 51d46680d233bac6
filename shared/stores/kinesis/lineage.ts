import type { ShardLineage } from '../../counting/ports.ts';
import { ListShardsCommand, type KinesisClient, type ListShardsCommandOutput } from '@aws-sdk/client-kinesis';

/** A shard's parents never change, so they are asked for once: again only for a shard not seen before. */
export function createShardLineage(client: KinesisClient, streamName: string): ShardLineage {
  let parents = new Map<string, string[]>();

  async function listParents(): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    let page: { StreamName: string } | { NextToken: string } = { StreamName: streamName };
    for (;;) {
      const { Shards = [], NextToken }: ListShardsCommandOutput = await client.send(new ListShardsCommand(page));
      for (const { ShardId, ParentShardId, AdjacentParentShardId } of Shards) {
        if (ShardId === undefined) continue;
        found.set(
          ShardId,
          [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
        );
      }
      if (NextToken === undefined) return found;
      page = { NextToken };
    }
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
  };
}
