import { createLosses } from '../../../shared/stores/dynamodb/losses.ts';
import { STATE_TABLE } from '../world/tables.ts';
import type { World } from '../world/world.ts';

/** After an outage: what is lost is told, shard by shard, and what is not lost is not said to be. */
export async function checkLosses(
  { tables, stream, outages, hadOutage }: World,
  generation: string,
): Promise<string[]> {
  if (!hadOutage) return [];
  const told = await createLosses(tables.dynamodb.client, STATE_TABLE).read(generation);
  const hasMore = (shard: string) => {
    const { records = [], trimmed = 0 } = stream.shards.get(shard.slice(stream.name.length + 1)) ?? {};
    return records.length > trimmed;
  };
  const silent = outages.filter(
    ({ shard, after }) => hasMore(shard) && !told.some((loss) => loss.shard === shard && loss.from === after),
  );
  const wrong = told.filter(({ shard, from }) => !outages.some((lost) => lost.shard === shard && lost.after === from));
  return [
    ...silent.map(({ shard, after }) => `${shard} lost records after ${after}, and nothing tells it`),
    ...wrong.map(({ shard, from }) => `${shard} is said to have lost records after ${from}`),
  ];
}
