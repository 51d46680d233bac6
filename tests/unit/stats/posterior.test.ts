import { describe, expect, test } from '@jest/globals';
import betainc from '@stdlib/math-base-special-betainc';
import betaln from '@stdlib/math-base-special-betaln';
import { chanceToBeBest, credibleDifference, credibleLift, expectedLoss } from '../../../stats/methods/bayesian.ts';
import { createGaussLegendre, integrate } from '../../../stats/numeric/solve.ts';
import { createPosterior, mirrored } from '../../../stats/methods/posterior.ts';
import type { Proportion } from '../../../stats/rates.ts';
import { expectClose } from './numbers.ts';

/** Evan Miller's closed sum for P(B > A): exact, but with as many terms as the variant has conversions. */
function closedSum(control: Proportion, variant: Proportion): number {
  const [aA, bA] = [control.conversions + 1, control.participants - control.conversions + 1];
  const [aB, bB] = [variant.conversions + 1, variant.participants - variant.conversions + 1];
  let sum = 0;
  for (let i = 0; i < aB; i++) {
    sum += Math.exp(betaln(aA + i, bA + bB) - Math.log(bB + i) - betaln(1 + i, bB) - betaln(aA, bA));
  }
  return sum;
}

const of = (conversions: number, participants: number): Proportion => ({ conversions, participants });

test.each([
  [of(0, 1), of(1, 1)],
  [of(0, 10), of(0, 500)],
  [of(3, 20), of(9, 22)],
  [of(100, 1000), of(130, 1000)],
  [of(1, 1000), of(5, 50)],
  [of(999, 1000), of(40, 50)],
  [of(2500, 50_000), of(2610, 50_000)],
])('the chance that %j is below %j is that of the closed sum', (control, variant) => {
  const chance = chanceToBeBest(createPosterior(variant), [createPosterior(control)]);
  expectClose([chance], [closedSum(control, variant)], 1e-8);
});

test('tails are those of the incomplete beta function where that is exact', () => {
  for (const { conversions, participants } of [of(0, 1), of(0, 300), of(7, 30), of(300, 300), of(120, 1000)]) {
    const posterior = createPosterior(of(conversions, participants));
    const [a, b] = [conversions + 1, participants - conversions + 1];
    for (const share of [0.05, 0.3, 0.5, 0.8]) {
      const rate = posterior.low + share * (posterior.high - posterior.low);
      expect(posterior.below(rate)).toBeCloseTo(betainc(rate, a, b), 12);
      const above = betainc(rate, a, b, true, true);
      expect(Math.abs(posterior.above(rate) - above)).toBeLessThan(1e-9 * above + 1e-17);
    }
  }
});

test('at a thousand million participants the tails are still exact', () => {
  // mpmath, 40 digits; the library function gives 0.53982556 and 0.15865525433 here.
  const posterior = createPosterior(of(1e8 - 1, 1e9 - 2));
  const { mean, deviation } = posterior;
  expect(posterior.below(mean + 0.1 * deviation)).toBeCloseTo(0.539838883637, 9);
  expect(posterior.below(mean - deviation)).toBeCloseTo(0.158655253765813, 9);
});

test('a wide posterior against a very narrow one is a step, and still integrated', () => {
  const [wide, narrow] = [createPosterior(of(50, 100)), createPosterior(of(45e7, 1e9))];
  const atTheStep = wide.above(0.45);
  expect(chanceToBeBest(wide, [narrow])).toBeCloseTo(atTheStep, 7);
  expect(chanceToBeBest(narrow, [wide])).toBeCloseTo(1 - atTheStep, 7);
});

test('credible intervals leave the wanted chance on each side', () => {
  const [a, b] = [createPosterior(of(20, 400)), createPosterior(of(35, 380))];
  const { low, high } = credibleDifference(a, b, 0.05);
  const chanceAbove = (difference: number): number => {
    const rule = createGaussLegendre(400);
    return integrate((rate) => a.density(rate) * b.above(rate + difference), a.low, a.high, rule);
  };
  expect(chanceAbove(low)).toBeCloseTo(0.975, 8);
  expect(chanceAbove(high)).toBeCloseTo(0.025, 8);

  const lift = credibleLift(a, b, 0.05);
  const chanceOfRatioAbove = (ratio: number): number =>
    integrate((rate) => a.density(rate) * b.above(rate * ratio), a.low, a.high, createGaussLegendre(400));
  expect(chanceOfRatioAbove(1 + lift.low)).toBeCloseTo(0.975, 8);
  expect(chanceOfRatioAbove(1 + lift.high)).toBeCloseTo(0.025, 8);
});

describe('of one arm alone', () => {
  const only = createPosterior(of(3, 10));

  test('it is certain that it is the best, and nothing can be lost', () => {
    expect(chanceToBeBest(only, [])).toBeCloseTo(1, 12);
    expect(expectedLoss(only, [])).toBe(0);
  });
});

test('the lowest of mirrored rates is the highest', () => {
  const [a, b] = [createPosterior(of(20, 400)), createPosterior(of(35, 380))];
  expect(chanceToBeBest(mirrored(a), [mirrored(b)])).toBeCloseTo(chanceToBeBest(b, [a]), 12);
  expect(expectedLoss(mirrored(b), [mirrored(a)])).toBeCloseTo(expectedLoss(a, [b]), 12);
});

test('Gauss-Legendre with n nodes integrates polynomials of degree 2n - 1 exactly', () => {
  for (const size of [1, 2, 8, 64]) {
    const rule = createGaussLegendre(size);
    expect(integrate((x) => x ** (2 * size - 1) + x ** (2 * size - 2), -1, 1, rule)).toBeCloseTo(
      2 / (2 * size - 1),
      13,
    );
  }
});
