import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Generations {
  /** A name that no generation has had before, such as `g7`: a number is handed out once and never used again. */
  next: () => Promise<string>;
}

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
