import { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from '@aws-sdk/client-kinesis';
import type { ShardRecord } from '../../../shared/counting/decode.ts';
import type { StreamEvent } from '../../../shared/contract/event.ts';
import { decodeRecord } from '../../../shared/counting/stream-record.ts';
import type { World } from './world.ts';

/** All records of a stream, shard by shard. */
export async function readShards({ kinesis, stream }: World): Promise<Map<string, ShardRecord[]>> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: stream }));
  const shards = new Map<string, ShardRecord[]>();
  for (const { ShardId = '' } of Shards) {
    const start = { StreamName: stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
    let iterator = (await kinesis.send(new GetShardIteratorCommand(start))).ShardIterator;
    const records: ShardRecord[] = [];
    for (let empty = 0; iterator && empty < 2;) {
      const page = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }));
      for (const { SequenceNumber = '', Data = new Uint8Array() } of page.Records ?? []) {
        records.push({ sequence: SequenceNumber, data: Data });
      }
      empty += page.Records?.length ? 0 : 1;
      iterator = page.NextShardIterator;
    }
    shards.set(ShardId, records);
  }
  return shards;
}

/** All events of a stream, copies too. */
export async function readEvents(world: World): Promise<StreamEvent[]> {
  return [...(await readShards(world)).values()].flat().flatMap(({ data }) => decodeRecord(data).events);
}
