import { describe, expect, test } from '@jest/globals';
import { abbaImprovement, abbaMultiplier, abbaP, abbaRate, weighByAbba } from '../../../stats/methods/abba.ts';
import { DomainError } from '../../../stats/numeric/domain.ts';
import golden from '../../fixtures/abba.json';
import { expectClose, known, proportion } from './numbers.ts';

const alpha = 0.05;

/** What six printed digits after the point, or six significant ones, can differ by. */
function expectSameDigits(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThanOrEqual(5.01e-7));
}

test.each(Object.entries(golden.z))('the multiplier for %s comparisons is that of Abba', (comparisons, z) => {
  expectSameDigits([abbaMultiplier(alpha, Number(comparisons))], [z]);
});

describe.each(golden.cases)('$variant against $baseline in $m comparisons', (expected) => {
  const baseline = proportion(expected.baseline);
  const variant = proportion(expected.variant);
  const z = abbaMultiplier(alpha, expected.m);

  test('has the rates and the improvement of Abba', () => {
    const [a, b, improvement] = [
      abbaRate(baseline, z),
      abbaRate(variant, z),
      known(abbaImprovement(baseline, variant, z)),
    ];
    expectSameDigits([a.low, a.high], expected.baselineInterval);
    expectSameDigits([b.low, b.high], expected.variantInterval);
    expectSameDigits(
      [improvement.value, improvement.low, improvement.high],
      [expected.improvement, ...expected.improvementInterval],
    );
  });

  test('has the p of Abba to six significant digits', () => {
    expectClose([abbaP(baseline, variant, expected.m)], [expected.p], 5e-6);
    expect(abbaP(baseline, variant, expected.m).toPrecision(6)).toBe(expected.p.toPrecision(6));
  });

  test('is weighed with both corrected for all comparisons of the experiment', () => {
    const pair = { kind: 'proportion', control: baseline, variant } as const;
    const { p, lift } = weighByAbba(pair, { alpha, ownAlpha: alpha, variants: expected.m });
    expectClose([p ?? NaN], [expected.p], 5e-6);
    const { low, high } = lift as { low: number; high: number };
    expectSameDigits([low, high], expected.improvementInterval);
  });
});

test('equal rates have p = 1, also where nobody or everybody converted', () => {
  for (const [x0, n0, x1, n1] of [
    [5, 50, 10, 100],
    [0, 50, 0, 3000],
    [50, 50, 3000, 3000],
  ] as const) {
    expect(abbaP({ conversions: x0, participants: n0 }, { conversions: x1, participants: n1 }, 1)).toBe(1);
  }
});

test('a small arm in which nearly all convert, against a huge one, keeps its terms', () => {
  const baseline = { conversions: 49, participants: 50 };
  const variant = { conversions: 1e9, participants: 1e9 };
  // Given the pooled rate the variant cannot be that far off, and the baseline misses one with chance 5e-8.
  expect(abbaP(baseline, variant, 1)).toBeLessThan(2e-5);
  expect(abbaP(variant, { conversions: 50, participants: 50 }, 1)).toBe(1);
});

test('fewer comparisons than one are refused', () => {
  expect(() => abbaMultiplier(alpha, 0)).toThrow(DomainError);
  expect(() => abbaP({ conversions: 1, participants: 2 }, { conversions: 2, participants: 2 }, 0)).toThrow(
    'Expected the number of comparisons to be at least 1, got 0.',
  );
});
