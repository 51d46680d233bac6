import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { padSequence, unpadSequence, type SequenceNumber } from './sequence-number.ts';
import { batchGet } from './batch-get.ts';

/** How far the served counters have ever been, per shard: a Redis that is behind its checkpoint has lost writes. */
export interface Checkpoints {
  /** Read strongly consistently; shards without a checkpoint are missing. */
  read: (shards: readonly string[]) => Promise<ReadonlyMap<string, SequenceNumber>>;
  /** Moves a checkpoint forwards. It never moves backwards: one that is further on already stays, and that is success. */
  advance: (shard: string, sequence: SequenceNumber) => Promise<void>;
}

const PARTITION = 'checkpoint';
const neverBackwards = 'attribute_not_exists(#sequence) OR #sequence < :sequence';

export function createCheckpoints(client: DynamoDBClient, stateTable: string): Checkpoints {
  const keyOf = (shard: string): Record<string, AttributeValue> => ({ pk: { S: PARTITION }, sk: { S: shard } });

  return {
    async read(shards) {
      const items = await batchGet(client, stateTable, shards.map(keyOf));
      const checkpoints = new Map<string, SequenceNumber>();
      for (const { sk, sequence } of items) {
        if (sk?.S !== undefined && sequence?.S !== undefined) checkpoints.set(sk.S, unpadSequence(sequence.S));
      }
      return checkpoints;
    },

    async advance(shard, sequence) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: stateTable,
            Key: keyOf(shard),
            UpdateExpression: 'SET #sequence = :sequence',
            ConditionExpression: neverBackwards,
            ExpressionAttributeNames: { '#sequence': 'sequence' },
            ExpressionAttributeValues: { ':sequence': { S: padSequence(sequence) } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
