import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { chanceToBeBest, credibleDifference, credibleLift, expectedLoss } from '../../../stats/methods/bayesian.ts';
import { createPosterior, type Posterior } from '../../../stats/methods/posterior.ts';
import { inverted, proportions, runs } from './counts.ts';

const posteriors = proportions.map(createPosterior);
const fewerRuns = { ...runs, numRuns: 100 };

const without = (all: readonly Posterior[], one: Posterior): Posterior[] => all.filter((other) => other !== one);

/** Rounding in the last digits of the rates, and 1e-16 cut off at each end of a posterior. */
const rounding = 1e-12;

test('the loss of one choice less that of the other is the difference of the posterior means', () => {
  fc.assert(
    fc.property(posteriors, posteriors, (a, b) => {
      const identity = expectedLoss(a, [b]) - expectedLoss(b, [a]) - (b.mean - a.mean);
      expect(Math.abs(identity)).toBeLessThan(rounding);
    }),
    runs,
  );
});

test('a loss is never negative, and never more than certain', () => {
  fc.assert(
    fc.property(posteriors, posteriors, (a, b) => {
      expect(expectedLoss(a, [b])).toBeGreaterThanOrEqual(0);
      expect(expectedLoss(a, [b])).toBeLessThanOrEqual(1);
    }),
    runs,
  );
});

// To six digits: a rate that is nearly 1 is a double to 1e-16 only, which at 1e9 participants is 1e-7 of its deviation.
describe('the chances to be the best', () => {
  test('of two, three or four arms sum to one', () => {
    fc.assert(
      fc.property(fc.array(posteriors, { minLength: 2, maxLength: 4 }), (arms) => {
        const sum = arms.reduce((total, arm) => total + chanceToBeBest(arm, without(arms, arm)), 0);
        expect(sum).toBeCloseTo(1, 6);
      }),
      fewerRuns,
    );
  });

  test('of equal arms are equal', () => {
    fc.assert(
      fc.property(proportions, (counts) => {
        expect(chanceToBeBest(createPosterior(counts), [createPosterior(counts)])).toBeCloseTo(0.5, 6);
      }),
      runs,
    );
  });

  test('become the chances to be the worst when conversions become failures', () => {
    fc.assert(
      fc.property(proportions, proportions, (control, variant) => {
        const chance = chanceToBeBest(createPosterior(variant), [createPosterior(control)]);
        const turned = chanceToBeBest(createPosterior(inverted(control)), [createPosterior(inverted(variant))]);
        expect(turned).toBeCloseTo(chance, 6);
      }),
      runs,
    );
  });

  test('rise with one more conversion', () => {
    fc.assert(
      fc.property(proportions, proportions, (control, variant) => {
        fc.pre(variant.conversions < variant.participants && variant.participants <= 1e6);
        const rival = createPosterior(control);
        const better = createPosterior({ ...variant, conversions: variant.conversions + 1 });
        const [before, after] = [chanceToBeBest(createPosterior(variant), [rival]), chanceToBeBest(better, [rival])];
        expect(after).toBeGreaterThanOrEqual(before - rounding);
      }),
      runs,
    );
  });
});

test('credible intervals contain the difference and the ratio of the posterior means, and grow with certainty', () => {
  fc.assert(
    fc.property(posteriors, posteriors, (a, b) => {
      for (const estimate of [credibleDifference, credibleLift]) {
        const [wide, narrow] = [estimate(a, b, 0.05), estimate(a, b, 0.32)];
        for (const { low, high } of [wide, narrow]) expect([low, high].every(Number.isFinite)).toBe(true);
        expect(wide.low).toBeLessThanOrEqual(wide.value);
        expect(wide.high).toBeGreaterThanOrEqual(wide.value);
        expect(wide.low).toBeLessThan(narrow.low);
        expect(wide.high).toBeGreaterThan(narrow.high);
      }
    }),
    fewerRuns,
  );
});
