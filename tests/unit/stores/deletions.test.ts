import { beforeEach, expect, test } from '@jest/globals';
import { createDeletions } from '../../../shared/stores/dynamodb/deletions.ts';
import { createMemoryDynamoDB, type MemoryDynamoDB } from '../../support/dynamodb/memory-dynamodb.ts';
import { NOON } from '../../support/counting/events.ts';

const NAME = 'alephbet:button';

let now: number;
let tables: MemoryDynamoDB;

beforeEach(() => {
  now = NOON;
  tables = createMemoryDynamoDB({ state: { keys: ['pk', 'sk'] } }, () => now);
});

/** By a store whose clock is so far ahead. */
function deletionsBy(clockMs: number) {
  const sleep = (ms: number) => {
    now += ms;
    return Promise.resolve();
  };
  return createDeletions(tables.client, 'state', { now: () => Promise.resolve(now + clockMs), sleep });
}

test('a deletion ends an incarnation a little later, and is answered when that time has come', async () => {
  const { number, since } = await deletionsBy(0).delete(NAME);
  expect(number).toBe(1);
  expect(since).toBeGreaterThan(NOON);
  expect(now).toBe(since);
});

test('a second one ends no earlier than the first, whoever asks for it: what was said to be forgotten stays so', async () => {
  const fast = await deletionsBy(400).delete(NAME);
  now = NOON + 10;
  const slow = await deletionsBy(-400).delete(NAME);
  expect(slow).toEqual({ number: 2, since: fast.since });
});
