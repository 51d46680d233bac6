import type { Generations } from '../../counting/ports.ts';
import { PutItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queryPartition } from './query-partition.ts';

const PARTITION = 'generation';

export function createGenerations(client: DynamoDBClient, stateTable: string): Generations {
  return {
    async next() {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: stateTable,
          Key: { pk: { S: PARTITION }, sk: { S: 'counter' } },
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

/** When generations were begun, for whoever looks at them: nothing is counted by it. */
export interface GenerationTimes {
  /** ms since 1970; missing for those of version 0.1.0. */
  readAll: () => Promise<ReadonlyMap<string, number>>;
}

export function createGenerationTimes(client: DynamoDBClient, stateTable: string): GenerationTimes {
  return {
    async readAll() {
      const items = await queryPartition(client, stateTable, PARTITION, 'g');
      return new Map(items.map(({ sk, begun }) => [sk?.S ?? '', Number(begun?.N)]));
    },
  };
}

/** Generations that keep when they were begun. Where that cannot be written, they begin without. @param now ms */
export function timedGenerations(
  generations: Generations,
  client: DynamoDBClient,
  stateTable: string,
  now: () => number,
): Generations {
  return {
    async next() {
      const generation = await generations.next();
      const Item = { pk: { S: PARTITION }, sk: { S: generation }, begun: { N: `${now()}` } };
      await client.send(new PutItemCommand({ TableName: stateTable, Item })).catch(() => undefined);
      return generation;
    },
  };
}
