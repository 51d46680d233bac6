import { expect, test } from '@jest/globals';
import { messageOf } from '../../../shared/runtime/errors.ts';
import { nameRedis } from '../../../shared/stores/redis/client.ts';

test.each(['Command timed out', 'Connection is closed.', 'Reached the max retries per request limit (which is 2).'])(
  'a log says that it is about Redis: %s',
  (message) => {
    expect(messageOf(nameRedis(new Error(message)))).toBe(`Error: Redis does not answer: ${message}`);
  },
);

test('what names its store stays as it is', () => {
  const error = new Error('OOM command not allowed');
  expect(nameRedis(error)).toBe(error);
  expect(nameRedis('text')).toBe('text');
});
