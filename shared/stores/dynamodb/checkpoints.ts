import type { Checkpoints, Checkpoint } from '../../counting/ports.ts';
import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { padSequence, unpadSequence } from '../../contract/sequence-number.ts';
import { batchGet } from './batch-get.ts';
import { queryPartition } from './query-partition.ts';

const PARTITION = 'checkpoint';
const neverBackwards = 'attribute_not_exists(#sequence) OR #sequence < :sequence';

export function createCheckpoints(client: DynamoDBClient, stateTable: string): Checkpoints {
  const keyOf = (shard: string): Record<string, AttributeValue> => ({ pk: { S: PARTITION }, sk: { S: shard } });

  return {
    async read(shards) {
      return toMap(await batchGet(client, stateTable, shards.map(keyOf)));
    },

    async readAll(stream) {
      return toMap(await queryPartition(client, stateTable, PARTITION, stream === undefined ? '' : `${stream}/`));
    },

    async advance(shard, sequence, first) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: stateTable,
            Key: keyOf(shard),
            UpdateExpression: 'SET #sequence = :sequence, #first = if_not_exists(#first, :first)',
            ConditionExpression: neverBackwards,
            ExpressionAttributeNames: { '#sequence': 'sequence', '#first': 'first' },
            ExpressionAttributeValues: {
              ':sequence': { S: padSequence(sequence) },
              ':first': { S: padSequence(first) },
            },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

function toMap(items: Record<string, AttributeValue>[]): Map<string, Checkpoint> {
  const checkpoints = new Map<string, Checkpoint>();
  for (const { sk, sequence, first } of items) {
    if (sk?.S === undefined || sequence?.S === undefined) continue;
    const reached = unpadSequence(sequence.S);
    checkpoints.set(sk.S, { sequence: reached, first: first?.S === undefined ? reached : unpadSequence(first.S) });
  }
  return checkpoints;
}
