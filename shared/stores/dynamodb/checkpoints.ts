import type { Checkpoints, Checkpoint } from '../../counting/ports.ts';
import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { padSequence, unpadSequence } from '../../contract/sequence-number.ts';
import type { Pause } from '../../runtime/in-rounds.ts';
import { batchGet } from './batch-get.ts';
import { queryPartition } from './query-partition.ts';

const PARTITION = 'checkpoint';
const neverBackwards = 'attribute_not_exists(#sequence) OR #sequence < :sequence';

export function createCheckpoints(client: DynamoDBClient, stateTable: string, pause?: Pause): Checkpoints {
  const keyOf = (shard: string): Record<string, AttributeValue> => ({ pk: { S: PARTITION }, sk: { S: shard } });

  /** A condition that does not hold is no failure: then the checkpoint is further on already. */
  async function update(
    shard: string,
    UpdateExpression: string,
    ConditionExpression: string,
    values: Record<string, AttributeValue>,
  ): Promise<void> {
    const names = Object.keys(values);
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: stateTable,
          Key: keyOf(shard),
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(
            names.map((name) => [`:${name}`, values[name] ?? { NULL: true }]),
          ),
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  return {
    async read(shards) {
      return toMap(await batchGet(client, stateTable, shards.map(keyOf), pause));
    },

    async readAll(stream) {
      return toMap(await queryPartition(client, stateTable, PARTITION, stream === undefined ? '' : `${stream}/`));
    },

    async advance(shard, sequence, first, arrival) {
      const times = arrival === undefined ? '' : ', #arrival = :arrival';
      await update(shard, `SET #sequence = :sequence, #first = if_not_exists(#first, :first)${times}`, neverBackwards, {
        sequence: { S: padSequence(sequence) },
        first: { S: padSequence(first) },
        ...(arrival !== undefined && { arrival: { N: `${arrival}` } }),
      });
    },

    async sawEnd(shard, sequence, at) {
      await update(shard, 'SET #end = :end', '#sequence = :sequence', {
        sequence: { S: padSequence(sequence) },
        end: { N: `${at}` },
      });
    },
  };
}

function toMap(items: Record<string, AttributeValue>[]): Map<string, Checkpoint> {
  const checkpoints = new Map<string, Checkpoint>();
  for (const { sk, sequence, first, arrival, end } of items) {
    if (sk?.S === undefined || sequence?.S === undefined) continue;
    const reached = unpadSequence(sequence.S);
    checkpoints.set(sk.S, {
      sequence: reached,
      first: first?.S === undefined ? reached : unpadSequence(first.S),
      ...(arrival?.N !== undefined && { arrival: Number(arrival.N) }),
      ...(end?.N !== undefined && { end: Number(end.N) }),
    });
  }
  return checkpoints;
}
