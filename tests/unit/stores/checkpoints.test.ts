import { expect, test } from '@jest/globals';
import { createCheckpoints } from '../../../shared/stores/dynamodb/checkpoints.ts';
import { createMemoryDynamoDB } from '../../support/dynamodb/memory-dynamodb.ts';

const SHARD = 'events/shardId-000000000000';

/** On tables that evaluate what is sent, and answer an eventually consistent read with what was there before. */
function checkpoints() {
  const { client } = createMemoryDynamoDB({ state: { keys: ['pk', 'sk'] } }, Date.now);
  return createCheckpoints(client, 'state');
}

test('a checkpoint never moves backwards, and that is no failure', async () => {
  const store = checkpoints();
  await store.advance(SHARD, '20', '10', 2_000);
  await store.advance(SHARD, '19', '10', 1_000);
  expect((await store.read([SHARD])).get(SHARD)).toEqual({ sequence: '20', first: '10', arrival: 2_000 });
});

test('a checkpoint keeps where counting began, and sequence numbers are compared as numbers', async () => {
  const store = checkpoints();
  await store.advance(SHARD, '9', '5', 1_000);
  await store.advance(SHARD, '10', '9', 2_000);
  expect((await store.read([SHARD])).get(SHARD)).toEqual({ sequence: '10', first: '5', arrival: 2_000 });
});

test('checkpoints are read as they were written last, one by one and all together', async () => {
  const store = checkpoints();
  for (const sequence of ['10', '20', '30']) await store.advance(SHARD, sequence, '10');
  expect((await store.read([SHARD])).get(SHARD)?.sequence).toBe('30');
  expect((await store.readAll()).get(SHARD)?.sequence).toBe('30');
  expect((await store.readAll('events')).get(SHARD)?.sequence).toBe('30');
});
