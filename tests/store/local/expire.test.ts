import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Resources } from '../../../local/create-stores.ts';
import { deleteExpired, expiringTables } from '../../../local/data/expire.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

const NOW = Date.UTC(2027, 5, 1);
const DAY = 24 * 60 * 60;
const YEAR = 365 * DAY;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('what has ended goes from both tables, as DynamoDB lets it go, and everything else stays', async () => {
  const seconds = NOW / 1_000;
  const ends = {
    'ended yesterday': { N: String(seconds - DAY) },
    'ends now': { N: String(seconds) },
    'ends tomorrow': { N: String(seconds + DAY) },
    'ended in a text': { S: String(seconds - DAY) },
    'ended longer ago than DynamoDB believes': { N: String(seconds - 6 * YEAR) },
    'never ends': undefined,
  };
  for (const [id, end] of Object.entries(ends)) {
    const expiresAt = end && { expiresAt: end };
    await put(world.claimsTable, { id: { B: Buffer.from(id) }, ...expiresAt });
    await put(world.stateTable, { pk: { S: 'quarantine' }, sk: { S: id }, ...expiresAt });
  }
  const names = { ClaimsTable: world.claimsTable, StateTable: world.stateTable };
  const tables = expiringTables(readStores(), names);
  expect(tables.map(({ name }) => name)).toEqual([world.claimsTable, world.stateTable]);

  const deleted = [];
  for (const table of tables) deleted.push(await deleteExpired(table, world.dynamodb, NOW));
  expect(deleted).toEqual([2, 2]);
  const stay = Object.keys(ends).slice(2).sort();
  expect((await scan(world.claimsTable)).map(({ id }) => Buffer.from(id?.B ?? []).toString()).sort()).toEqual(stay);
  expect((await scan(world.stateTable)).map(({ sk }) => sk?.S).sort()).toEqual(stay);
});

test('one that gets a later end while it is looked at stays', async () => {
  const item = (end: number) => ({ pk: { S: 'race' }, sk: { S: 'it' }, expiresAt: { N: String(end) } });
  await put(world.stateTable, item(NOW / 1_000 - DAY));
  const [table] = expiringTables(readStores(), { StateTable: world.stateTable, ClaimsTable: '' }).filter(
    ({ name }) => name === world.stateTable,
  );
  if (!table) throw new Error('the state table has an end');
  const send = world.dynamodb.send.bind(world.dynamodb);
  const racing = Object.assign(Object.create(world.dynamodb) as typeof world.dynamodb, {
    async send(command: Parameters<typeof send>[0]) {
      if (command.constructor.name === 'DeleteItemCommand') await put(world.stateTable, item(NOW / 1_000 + DAY));
      return send(command);
    },
  });
  expect(await deleteExpired(table, racing, NOW)).toBe(0);
  expect((await scan(world.stateTable)).filter(({ pk }) => pk?.S === 'race')).toHaveLength(1);
});

async function put(TableName: string, Item: Record<string, object>) {
  await world.dynamodb.send(new PutItemCommand({ TableName, Item: Item as never }));
}

async function scan(TableName: string) {
  return (await world.dynamodb.send(new ScanCommand({ TableName }))).Items ?? [];
}

function readStores(): Resources {
  return (parse(readFileSync('deploy/resources/stores.yml', 'utf8')) as { Resources: Resources }).Resources;
}
