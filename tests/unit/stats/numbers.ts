import { expect } from '@jest/globals';
import type { Undetermined } from '../../../shared/contract/statistics.ts';
import type { Proportion } from '../../../stats/rates.ts';
import type { Sample } from '../../../stats/means.ts';

/** All of `actual` equal `expected` to this relative error, or this absolute one below 1e-12. */
export function expectClose(actual: readonly number[], expected: readonly number[], relative = 1e-7): void {
  const relativeErrors = actual.map((value, i) => {
    const wanted = expected[i] ?? NaN;
    const error = Math.abs(value - wanted) / Math.max(1e-12, Math.abs(wanted));
    return error <= relative ? 'close' : `${value}, expected ${wanted}`;
  });
  expect(relativeErrors).toEqual(expected.map(() => 'close'));
}

/** The result, which these data must define. */
export function known<T extends { readonly value: number }>(result: T | Undetermined): T {
  if (result.value === null) throw new Error(`Expected a number, got none: ${result.reason}.`);
  return result;
}

/** [conversions, participants], as the fixtures write it. */
export function proportion([conversions = NaN, participants = NaN]: readonly number[]): Proportion {
  return { conversions, participants };
}

/** [units, sum, sum of squares], as the fixtures write it. */
export function sample([units = NaN, sum = NaN, sumOfSquares = NaN]: readonly number[]): Sample {
  return { units, sum, sumOfSquares };
}
