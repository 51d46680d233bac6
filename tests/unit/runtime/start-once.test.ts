import { expect, test } from '@jest/globals';
import { startOnce } from '../../../shared/runtime/start-once.ts';

test('what has started is kept', async () => {
  let starts = 0;
  const get = startOnce(() => Promise.resolve((starts += 1)));
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

test('a start that failed is not for ever: the next call begins anew', async () => {
  let starts = 0;
  const get = startOnce(() => {
    starts += 1;
    return starts === 1 ? Promise.reject(new Error('the network is away')) : Promise.resolve(starts);
  });
  await expect(get()).rejects.toThrow('the network is away');
  expect(await get()).toBe(2);
});
