import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { abbaImprovement, abbaMultiplier, abbaP } from '../../../stats/methods/abba.ts';
import type { Estimate, Undetermined } from '../../../shared/contract/statistics.ts';
import {
  koopmanLift,
  newcombeDifference,
  pooledZTest,
  type Proportion,
  scoreDifference,
  wilsonInterval,
} from '../../../stats/rates.ts';
import { measure } from '../../../stats/pair.ts';
import { ratioLift, welchDifference } from '../../../stats/means.ts';
import { expectClose } from '../../unit/stats/numbers.ts';
import { ampleProportions, inverted, proportions, runs, samples, smallProportions, timesAsMany } from './counts.ts';

const alphas = fc.double({ min: 0.0001, max: 0.5, noNaN: true });

type Compare = (control: Proportion, variant: Proportion, alpha: number) => Estimate | Undetermined;

const differences: readonly [string, Compare][] = [
  ["Newcombe's difference", newcombeDifference],
  ['the score difference', scoreDifference],
];
const comparisons: readonly [string, Compare][] = [...differences, ["Koopman's lift", koopmanLift]];

/** Rounding may put an end one digit past the value when the interval has no width there. */
const rounding = 1e-12;

function expectInside({ value, low, high }: Estimate): void {
  const slack = rounding * Math.max(1, Math.abs(value));
  expect(low === null || low <= value + slack).toBe(true);
  expect(high === null || high >= value - slack).toBe(true);
}

describe('a Wilson interval', () => {
  test('contains the rate and stays within 0 and 1, for any counts', () => {
    fc.assert(
      fc.property(proportions, alphas, (counts, alpha) => {
        const interval = wilsonInterval(counts, alpha);
        expectInside(interval);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
      }),
      runs,
    );
  });

  test('is mirrored when conversions become failures', () => {
    fc.assert(
      fc.property(proportions, alphas, (counts, alpha) => {
        const [there, back] = [wilsonInterval(counts, alpha), wilsonInterval(inverted(counts), alpha)];
        expect(back.low).toBeCloseTo(1 - there.high, 12);
        expect(back.high).toBeCloseTo(1 - there.low, 12);
      }),
      runs,
    );
  });
});

describe.each(comparisons)('%s', (_name, compare) => {
  test('contains what was observed, for any counts', () => {
    fc.assert(
      fc.property(proportions, proportions, alphas, (control, variant, alpha) => {
        const estimate = compare(control, variant, alpha);
        if (estimate.value === null) expect(control.conversions).toBe(0);
        else {
          expectInside(estimate);
          expect([estimate.value, estimate.low, estimate.high].every(Number.isFinite)).toBe(true);
        }
      }),
      runs,
    );
  });

  test('is narrower with more participants, and with a larger alpha', () => {
    fc.assert(
      fc.property(
        ampleProportions(1e6),
        ampleProportions(1e6),
        fc.integer({ min: 2, max: 50 }),
        alphas,
        (control, variant, factor, alpha) => {
          const width = (a: Proportion, b: Proportion, level: number): number => {
            const { low, high } = compare(a, b, level) as { low: number; high: number };
            return high - low;
          };
          const now = width(control, variant, alpha);
          expect(width(timesAsMany(control, factor), timesAsMany(variant, factor), alpha)).toBeLessThan(now);
          expect(width(control, variant, alpha * 1.5)).toBeLessThan(now);
        },
      ),
      runs,
    );
  });
});

describe.each(differences)('%s', (_name, compare) => {
  test('changes its sign, and nothing else, when the arms are swapped', () => {
    fc.assert(
      fc.property(proportions, proportions, (control, variant) => {
        const [there, back] = [compare(control, variant, 0.05), compare(variant, control, 0.05)];
        expect(back.value).toBeCloseTo(-(there.value ?? NaN), 12);
        if (there.value === null || back.value === null) return;
        expect(back.low).toBeCloseTo(-(there.high ?? NaN), 9);
        expect(back.high).toBeCloseTo(-(there.low ?? NaN), 9);
      }),
      runs,
    );
  });
});

test("Koopman's ratio is inverted when the arms are swapped", () => {
  fc.assert(
    fc.property(ampleProportions(1e6), ampleProportions(1e6), (control, variant) => {
      const [there, back] = [koopmanLift(control, variant, 0.05), koopmanLift(variant, control, 0.05)];
      if (there.value === null || back.value === null) throw new Error('Expected a lift.');
      expectClose([1 + back.low, 1 + back.high], [1 / (1 + there.high), 1 / (1 + there.low)], 1e-8);
    }),
    runs,
  );
});

test('p of the z test falls as one more of the leading arm converts, and does not depend on which arm is called control', () => {
  fc.assert(
    fc.property(ampleProportions(1e6), ampleProportions(1e6), (control, variant) => {
      const { z, p } = pooledZTest(control, variant);
      expect(pooledZTest(variant, control).p).toBe(p);
      if (z > 0) {
        expect(pooledZTest(control, { ...variant, conversions: variant.conversions + 1 }).p).toBeLessThanOrEqual(p);
      }
    }),
    runs,
  );
});

describe('of means', () => {
  test('the difference changes its sign when the arms are swapped, and both scale with the values', () => {
    fc.assert(
      fc.property(samples, samples, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (control, variant, unit) => {
        const there = welchDifference(control, variant, 0.05);
        const back = welchDifference(variant, control, 0.05);
        if (there.value === null || back.value === null) {
          expect(back).toEqual(there);
          return;
        }
        expectInside(there);
        expectClose([back.value, back.low, back.high], [-there.value, -there.high, -there.low], 1e-9);

        const [a, b] = [control, variant].map(({ units, sum, sumOfSquares }) => ({
          units,
          sum: sum * unit,
          sumOfSquares: sumOfSquares * unit ** 2,
        }));
        if (!a || !b) return;
        const scaled = welchDifference(a, b, 0.05);
        const size = (there.high - there.low) * unit;
        if (scaled.value === null) throw new Error('Expected a difference.');
        expect(Math.abs(scaled.low - there.low * unit) / size).toBeLessThan(1e-5);
        expect(Math.abs(scaled.high - there.high * unit) / size).toBeLessThan(1e-5);
      }),
      runs,
    );
  });

  test('the lift leaves zero out exactly when the difference of the same multiplier does', () => {
    fc.assert(
      fc.property(samples, samples, fc.double({ min: 0.5, max: 6, noNaN: true }), (control, variant, multiplier) => {
        const measured = measure({ kind: 'mean', control, variant });
        const lift = ratioLift(measured.control, measured.variant, multiplier);
        if (lift.value === null) {
          expect(measured.control.mean).toBe(0);
          return;
        }
        expectInside(lift);
        const margin = multiplier * measured.standardError;
        const edge = 1e-9 * measured.standardError;
        if (measured.difference - margin > edge) expect(lift.low).toBeGreaterThan(0);
        else if (measured.difference + margin < -edge) expect(lift.high).toBeLessThan(0);
        else if (Math.abs(measured.difference) < margin - edge) {
          expect(lift.low ?? -Infinity).toBeLessThanOrEqual(0);
          expect(lift.high ?? Infinity).toBeGreaterThanOrEqual(0);
        }
      }),
      runs,
    );
  });
});

describe("Abba's numbers", () => {
  const counts = fc.oneof(ampleProportions(20_000), smallProportions);
  const comparisons = fc.integer({ min: 1, max: 20 });

  test('are finite for any counts: an improvement with an interval, and a p from 1e-5 to 1', () => {
    fc.assert(
      fc.property(counts, counts, comparisons, (baseline, variant, m) => {
        const improvement = abbaImprovement(baseline, variant, abbaMultiplier(0.05, m));
        if (improvement.value === null) expect(baseline.conversions).toBe(0);
        else {
          expect(improvement.high).toBeGreaterThan(improvement.low);
          expect(Number.isFinite(improvement.value + improvement.high - improvement.low)).toBe(true);
        }
        const p = abbaP(baseline, variant, m);
        expect(p).toBeGreaterThanOrEqual(1e-5);
        expect(p).toBeLessThanOrEqual(1);
      }),
      { ...runs, numRuns: 200 },
    );
  });

  test('have a p that more comparisons never lower', () => {
    fc.assert(
      fc.property(counts, counts, comparisons, (baseline, variant, m) => {
        expect(abbaP(baseline, variant, m + 1)).toBeGreaterThanOrEqual(abbaP(baseline, variant, m) - 1e-12);
      }),
      { ...runs, numRuns: 200 },
    );
  });
});
