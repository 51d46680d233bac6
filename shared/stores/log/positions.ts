import {
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { ArchivePositions } from '../../counting/log/archive.ts';
import { padSequence, unpadSequence } from '../../contract/sequence-number.ts';

const PARTITION = 'log';
const neverBackwards = 'attribute_not_exists(#to) OR #to <= :to';

export function createArchivePositions(client: DynamoDBClient, stateTable: string): ArchivePositions {
  const keyOf = (shard: string): Record<string, AttributeValue> => ({ pk: { S: PARTITION }, sk: { S: shard } });

  return {
    async read(shard) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: stateTable, Key: keyOf(shard), ConsistentRead: true }),
      );
      const { from, to, nothingAfter, streamCreatedAt } = Item ?? {};
      if (to?.S === undefined) return undefined;
      return {
        from: from?.S,
        to: unpadSequence(to.S),
        streamCreatedAt: Number(streamCreatedAt?.N ?? 0),
        ...(nothingAfter?.N !== undefined && { nothingAfter: Number(nothingAfter.N) }),
      };
    },

    async advance(shard, { from, to, nothingAfter, streamCreatedAt }) {
      const values: Record<string, AttributeValue> = {
        ':to': { S: padSequence(to) },
        ':streamCreatedAt': { N: `${streamCreatedAt}` },
        ...(from !== undefined && { ':from': { S: from } }),
        ...(nothingAfter !== undefined && { ':nothingAfter': { N: `${nothingAfter}` } }),
      };
      const names = Object.keys(values).map((value) => value.slice(1));
      const absent = ['from', 'nothingAfter'].filter((name) => !names.includes(name));
      const remove = absent.length > 0 ? ` REMOVE ${absent.map((name) => `#${name}`).join(', ')}` : '';
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: stateTable,
            Key: keyOf(shard),
            UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}${remove}`,
            ConditionExpression: neverBackwards,
            ExpressionAttributeNames: Object.fromEntries([...names, ...absent].map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: values,
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
