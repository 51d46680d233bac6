import { expect, test } from '@jest/globals';
import { backoffMs } from '../../../sdk/src/tracker/post.ts';

test('the delay doubles at each failure, up to five minutes', () => {
  expect([1, 2, 3, 9, 10, 2_000].map((failures) => backoffMs(failures, 1))).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ]);
});

test('chance takes away half of it at most', () => {
  expect([backoffMs(3, 0), backoffMs(3, 0.5), backoffMs(3, 1)]).toEqual([2_000, 3_000, 4_000]);
});

test('the server may ask for longer, but not for more than five minutes', () => {
  expect(backoffMs(1, 1, 30_000)).toBe(30_000);
  expect(backoffMs(6, 1, 1_000)).toBe(32_000);
  expect(backoffMs(1, 1, 86_400_000)).toBe(300_000);
});
