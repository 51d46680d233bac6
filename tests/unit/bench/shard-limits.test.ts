import { beforeEach, describe, expect, test } from '@jest/globals';
import { ShardLimits } from '../../../bench/limits/shard-limits.ts';

describe('a shard behind the limits of AWS', () => {
  let now = 0;
  let limits: ShardLimits;
  beforeEach(() => {
    now = 0;
    limits = new ShardLimits(() => now);
    limits.given('one', 'shard');
    limits.given('two', 'shard');
    limits.given('other', 'another shard');
  });

  test('is read five times a second, by all readers together', () => {
    const refusals = ['one', 'two', 'one', 'two', 'one', 'two', 'other'].map((iterator) => limits.refusalOf(iterator));
    const allowed = undefined;
    const throttled = 'ProvisionedThroughputExceededException';
    expect(refusals).toEqual([allowed, allowed, allowed, allowed, allowed, throttled, allowed]);
    now = 1_000;
    expect(limits.refusalOf('two')).toBeUndefined();
  });

  test('takes five seconds for a page of 10 MB', () => {
    limits.gave('shard', 10_000_000);
    now = 3_900;
    expect(limits.refusalOf('two')).toBe('ProvisionedThroughputExceededException');
    now = 4_100;
    expect(limits.refusalOf('two')).toBeUndefined();
  });

  test('gives iterators that hold for five minutes, and no others', () => {
    now = 5 * 60_000 + 1;
    expect(limits.refusalOf('one')).toBe('ExpiredIteratorException');
    expect(limits.refusalOf('made up')).toBe('ExpiredIteratorException');
  });
});
