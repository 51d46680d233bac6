import type { Generations } from '../../counting/ports.ts';
import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

export function createGenerations(client: DynamoDBClient, stateTable: string): Generations {
  return {
    async next() {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: stateTable,
          Key: { pk: { S: 'generation' }, sk: { S: 'counter' } },
          UpdateExpression: 'ADD #number :one',
          ExpressionAttributeNames: { '#number': 'number' },
          ExpressionAttributeValues: { ':one': { N: '1' } },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      const number = Attributes?.number?.N;
      if (number === undefined) throw new Error(`${stateTable}: the generation counter gave no number`);
      return `g${number}`;
    },
  };
}
