import type { ShardLineage } from '../../counting/ports.ts';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { listShards } from './shards.ts';

/** A shard's parents never change, so they are asked for once: again only for a shard not seen before. */
export function createShardLineage(client: KinesisClient, streamName: string): ShardLineage {
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
  };
}
