import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queryPartition } from './query-partition.ts';
import { padSequence, type SequenceNumber } from '../../contract/sequence-number.ts';

/** Records that had to be counted again, and had left the stream by then. */
export interface Loss {
  /** `stream/shard` */
  shard: string;
  generation: string;
  /** The first record that is missing, or the last one before it. */
  from: SequenceNumber;
  /** The first record that was there again, or the last one that should have been. */
  to: SequenceNumber;
  /** When the record at `to` was received, ms: counters are whole since then. */
  countedSince: number;
}

export interface Losses {
  /** Keeps a loss; the same one again replaces itself. */
  record: (loss: Loss) => Promise<void>;
  /** The losses of a generation, by shard. */
  read: (generation: string) => Promise<Loss[]>;
}

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
