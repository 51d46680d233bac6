import type { Losses } from '../../counting/ports.ts';
import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queryPartition } from './query-partition.ts';
import { padSequence } from '../../contract/sequence-number.ts';

const PARTITION = 'loss';

export function createLosses(client: DynamoDBClient, stateTable: string): Losses {
  return {
    async record({ shard, generation, from, to, countedSince }) {
      const item = {
        pk: { S: PARTITION },
        sk: { S: `${generation}/${shard}/${padSequence(from)}` },
        shard: { S: shard },
        generation: { S: generation },
        from: { S: from },
        to: { S: to },
        countedSince: { N: `${countedSince}` },
      };
      await client.send(new PutItemCommand({ TableName: stateTable, Item: item }));
    },

    async read(generation) {
      const items = await queryPartition(client, stateTable, PARTITION, `${generation}/`);
      return items.map(({ shard, from, to, countedSince }) => ({
        shard: shard?.S ?? '',
        generation,
        from: from?.S ?? '',
        to: to?.S ?? '',
        countedSince: Number(countedSince?.N ?? 0),
      }));
    },
  };
}
