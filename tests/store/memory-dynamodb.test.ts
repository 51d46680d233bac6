import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from '../support/fast-check.ts';
import { createWorld, type World } from '../support/counting/world.ts';
import { createMemoryDynamoDB } from '../support/dynamodb/memory-dynamodb.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Conditions as the stores write them, and some more. */
const CONDITIONS = [
  'attribute_not_exists(pk)',
  'attribute_exists(#n)',
  'attribute_not_exists(#n) OR #n < :n',
  '#n = :n',
  '#n <> :n',
  'attribute_not_exists(pk) OR #t = :t OR #n < :n',
  '#n >= :n AND NOT #t = :t',
  '(#n > :n OR #t <= :t) AND attribute_exists(pk)',
  'begins_with(#t, :t)',
];
const UPDATES = [
  'SET #n = :n, #t = if_not_exists(#t, :t)',
  'SET #n = if_not_exists(#n, :n) + :m',
  'ADD #n :n',
  'REMOVE #t',
  'SET #t = :t REMOVE #n',
];
const NAMES = { '#n': 'number', '#t': 'text' };

type Item = Record<string, AttributeValue>;
type Step =
  | { do: 'put'; key: Item; more: Item; condition?: string }
  | { do: 'update'; key: Item; update: string; condition?: string }
  | { do: 'delete'; key: Item; condition?: string };

const number = fc.integer({ min: -3, max: 12 }).map((n) => ({ N: `${n}` }));
const text = fc.constantFrom('', 'a', 'ab', 'b', 'é', '\u{1f600}', '\uffee').map((s) => ({ S: s }));
const key = fc
  .tuple(fc.constantFrom('p', 'q'), fc.constantFrom('a', 'ab', 'b', 'é', '\u{1f600}', '\uffee'))
  .map(([pk, sk]): Item => ({ pk: { S: pk }, sk: { S: sk } }));
const condition = fc.option(fc.constantFrom(...CONDITIONS), { nil: undefined });
const values = fc.record({ ':n': number, ':m': number, ':t': text });
const step = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    key,
    more: fc.record({ number, text }, { requiredKeys: [] }),
    condition,
  }),
  fc.record({ do: fc.constant('update' as const), key, update: fc.constantFrom(...UPDATES), condition }),
  fc.record({ do: fc.constant('delete' as const), key, condition }),
);

/** Names and values that a command's expressions use: others are refused. */
function used(expressions: readonly (string | undefined)[], given: Record<string, AttributeValue>) {
  const words = new Set(expressions.join(' ').match(/[#:]\w+/g));
  const pick = <T>(all: Record<string, T>) => {
    const picked = Object.entries(all).filter(([name]) => words.has(name));
    return picked.length === 0 ? undefined : Object.fromEntries(picked);
  };
  return { ExpressionAttributeNames: pick(NAMES), ExpressionAttributeValues: pick(given) };
}

/** What became of a step, in words that do not depend on who answers. */
async function take(client: DynamoDBClient, TableName: string, step: Step, given: Record<string, AttributeValue>) {
  const ConditionExpression = step.condition;
  try {
    if (step.do === 'put') {
      const Item = { ...step.more, ...step.key };
      await client.send(new PutItemCommand({ TableName, Item, ConditionExpression, ...used([step.condition], given) }));
      return 'put';
    }
    if (step.do === 'delete') {
      const expressions = used([step.condition], given);
      await client.send(new DeleteItemCommand({ TableName, Key: step.key, ConditionExpression, ...expressions }));
      return 'deleted';
    }
    const update = { Key: step.key, UpdateExpression: step.update, ConditionExpression };
    const expressions = used([step.update, step.condition], given);
    const input = { TableName, ...update, ...expressions, ReturnValues: 'ALL_NEW' as const };
    return (await client.send(new UpdateItemCommand(input))).Attributes;
  } catch (error) {
    return error instanceof ConditionalCheckFailedException ? 'the condition does not hold' : 'refused';
  }
}

async function look(client: DynamoDBClient, TableName: string, keys: readonly Item[]) {
  const one = await Promise.all(
    keys.map(async (Key) => (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item),
  );
  const request = {
    Keys: [...keys],
    ConsistentRead: true,
    ProjectionExpression: 'pk, #t',
    ExpressionAttributeNames: { '#t': 'text' },
  };
  const many = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: request } }));
  const partition = await query(client, TableName, 'pk = :pk', { ':pk': { S: 'p' } });
  const beginning = await query(client, TableName, 'pk = :pk AND begins_with(sk, :a)', {
    ':pk': { S: 'p' },
    ':a': { S: 'a' },
  });
  const inOrder = (many.Responses?.[TableName] ?? []).map((item) => JSON.stringify(Object.entries(item).sort())).sort();
  return { one, inOrder, partition, beginning };
}

async function query(client: DynamoDBClient, TableName: string, condition: string, given: Item): Promise<Item[]> {
  const items: Item[] = [];
  let start: { ExclusiveStartKey?: Item } = {};
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: condition,
        ExpressionAttributeValues: given,
        ConsistentRead: true,
        ...start,
      }),
    );
    items.push(...Items);
    if (!LastEvaluatedKey) return items;
    start = { ExclusiveStartKey: LastEvaluatedKey };
  }
}

test('the tables in memory answer as a server of DynamoDB does', async () => {
  const whole = fc.tuple(fc.array(fc.tuple(step, values), { minLength: 3, maxLength: 25 }));
  await fc.assert(
    fc.asyncProperty(whole, async ([steps]) => {
      const memory = createMemoryDynamoDB({ [world.stateTable]: { keys: ['pk', 'sk'] } }, Date.now).client;
      const keys = [...new Map(steps.map(([{ key }]) => [JSON.stringify(key), key])).values()];
      for (const Key of keys) await world.dynamodb.send(new DeleteItemCommand({ TableName: world.stateTable, Key }));
      for (const [each, given] of steps) {
        const wanted = await take(world.dynamodb, world.stateTable, each as Step, given);
        expect({ each, found: await take(memory, world.stateTable, each as Step, given) }).toEqual({
          each,
          found: wanted,
        });
      }
      expect(await look(memory, world.stateTable, keys)).toEqual(await look(world.dynamodb, world.stateTable, keys));
      for (const Key of keys) await world.dynamodb.send(new DeleteItemCommand({ TableName: world.stateTable, Key }));
    }),
    { numRuns: 60 },
  );
});
