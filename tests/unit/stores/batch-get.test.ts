import { DynamoDBClient, type AttributeValue, type BatchGetItemCommandInput } from '@aws-sdk/client-dynamodb';
import { expect, jest, test } from '@jest/globals';
import { batchGet } from '../../../shared/stores/dynamodb/batch-get.ts';

type Key = Record<string, AttributeValue>;

/** A table that answers so many keys of each call, and leaves the others unprocessed. */
function throttledTable(answers: readonly number[]) {
  let call = 0;
  const client = new DynamoDBClient({ region: 'us-east-1' });
  client.send = ((command: { input: BatchGetItemCommandInput }) => {
    const Keys = command.input.RequestItems?.state?.Keys ?? [];
    const answered = answers[call++] ?? Keys.length;
    const left = Keys.slice(answered);
    return Promise.resolve({
      Responses: { state: Keys.slice(0, answered) },
      UnprocessedKeys: left.length > 0 ? { state: { Keys: left } } : {},
    });
  }) as never;
  return client;
}

const keys: Key[] = Array.from({ length: 130 }, (_, i) => ({ pk: { S: `key ${i}` } }));
const aPause = () => jest.fn<(ms: number) => Promise<void>>(() => Promise.resolve());

test('waits for a throttled table, longer each time that nothing comes', async () => {
  const pause = aPause();
  const items = await batchGet(throttledTable([0, 0, 0, 0, 0, 40, 0]), 'state', keys, pause);
  expect(items).toHaveLength(keys.length);
  expect(new Set(items.map(({ pk }) => pk?.S)).size).toBe(keys.length);
  expect(pause.mock.calls.map(([ms]) => ms)).toEqual([50, 100, 200, 400, 800, 50, 100]);
});

test('an answer with holes is none', async () => {
  const pause = aPause();
  const never = throttledTable(Array.from({ length: 100 }, () => 0));
  await expect(batchGet(never, 'state', keys, pause)).rejects.toThrow('state: 100 keys stayed unprocessed');
  expect(pause).toHaveBeenCalledTimes(6);
});
