import { describe, expect, test } from '@jest/globals';
import { mixtureVariance, sequentialMultiplier, sequentialP } from '../../../stats/methods/sequential.ts';
import { DomainError } from '../../../stats/numeric/domain.ts';
import { koopmanLift, newcombeDifference, pooledZTest, scoreDifference, wilsonInterval } from '../../../stats/rates.ts';
import { deltaLift, meanOf, ratioLift, welchDifference, welchTest } from '../../../stats/means.ts';
import { expectClose, known, sample } from './numbers.ts';

const none = { conversions: 0, participants: 50 };
const some = { conversions: 20, participants: 50 };
const all = { conversions: 50, participants: 50 };

describe('a rate', () => {
  test('of nobody or everybody has an interval that starts or ends there', () => {
    const zero = wilsonInterval(none, 0.05);
    const one = wilsonInterval(all, 0.05);
    expect(zero.low).toBe(0);
    expect(zero.high).toBeCloseTo(0.0713476, 6);
    expect(one.high).toBe(1);
    expect(one.low).toBeCloseTo(1 - zero.high, 12);
  });

  test.each([
    [{ conversions: 1, participants: 0 }, 'Expected participants to be at least 1, got 0.'],
    [{ conversions: 3, participants: 2 }, 'Expected conversions to be at most 2, got 3.'],
    [{ conversions: -1, participants: 2 }, 'Expected conversions to be a whole number from 0, got -1.'],
    [{ conversions: 1, participants: NaN }, 'Expected participants to be a whole number from 0, got NaN.'],
    [{ conversions: 0.5, participants: 2 }, 'Expected conversions to be a whole number from 0, got 0.5.'],
  ])('that is none, %j, is refused with what was expected', (counts, message) => {
    const compare = [
      wilsonInterval,
      (a: typeof counts) => koopmanLift(a, some, 0.05),
      (a: typeof counts) => pooledZTest(some, a),
    ];
    for (const use of compare) {
      expect(() => use(counts, 0.05)).toThrow(DomainError);
      expect(() => use(counts, 0.05)).toThrow(message);
    }
  });
});

describe('the lift', () => {
  test('is undetermined, with the reason, when nobody converted in the control', () => {
    expect(koopmanLift(none, some, 0.05)).toEqual({
      value: null,
      reason: 'the control has no conversion, and a lift is relative to it',
    });
  });

  test('of a variant in which nobody converted is -100 %, and may be less bad', () => {
    const { value, low, high } = known(koopmanLift(some, none, 0.05));
    expect([value, low]).toEqual([-1, -1]);
    expect(high).toBeGreaterThan(-1);
    expect(high).toBeLessThan(0);
  });

  test('between two arms in which everybody converted surrounds zero', () => {
    const { value, low, high } = known(koopmanLift(all, all, 0.05));
    expect(value).toBe(0);
    expect(low).toBeCloseTo(-0.0713476, 6);
    expect(high).toBeCloseTo(1 / (1 - 0.0713476) - 1, 6);
  });
});

describe('the score interval of the difference', () => {
  test('reaches the ends of its range where every one of one arm and none of the other converted', () => {
    expect(scoreDifference(none, all, 0.05).high).toBe(1);
    expect(scoreDifference(all, none, 0.05).low).toBe(-1);
  });

  test('decides as the z test does where Newcombe does not', () => {
    const control = { conversions: 72, participants: 1000 };
    const [same, edge] = findDisagreement(control);
    expect(same.p < 0.05).toBe(same.score.low > 0);
    expect(edge.p < 0.05).toBe(edge.score.low > 0);
    expect(edge.p < 0.05).not.toBe(edge.newcombe.low > 0);
  });

  /** The first variant about which Newcombe and z disagree, and the one before it. */
  function findDisagreement(control: typeof none) {
    const results = Array.from({ length: 900 }, (_, i) => {
      const variant = { conversions: 20 + i, participants: 400 + 7 * i };
      return {
        p: pooledZTest(control, variant).p,
        score: scoreDifference(control, variant, 0.05),
        newcombe: newcombeDifference(control, variant, 0.05),
      };
    });
    const at = results.findIndex(({ p, newcombe, score }) => score.value > 0 && p < 0.05 !== newcombe.low > 0);
    const [before, found] = [results[at - 1], results[at]];
    if (!before || !found) throw new Error('Expected a case in which Newcombe and z disagree.');
    return [before, found] as const;
  }
});

describe('a mean', () => {
  test('has the standard deviation of the units themselves', () => {
    const values = [3, 0, 0, 12.5, 7, 0, 1];
    const sums = sample([7, values.reduce((a, b) => a + b), values.reduce((a, b) => a + b * b, 0)]);
    const mean = sums.sum / 7;
    const deviation = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / 6);
    expectClose([meanOf(sums).mean, meanOf(sums).deviation], [mean, deviation], 1e-12);
    expectClose([meanOf(sums).standardError], [deviation / Math.sqrt(7)], 1e-12);
  });

  test('with impossible sums is refused, but rounding is not held against it', () => {
    expect(() => meanOf(sample([10, 100, 999]))).toThrow(DomainError);
    expect(meanOf(sample([10, 1, 0.1 - 1e-17])).deviation).toBe(0);
  });

  test('has no test when no unit differs, or there is only one', () => {
    expect(welchTest(sample([10, 20, 40]), sample([10, 10, 10]))).toEqual({
      value: null,
      reason: 'all units have the same value',
    });
    expect(welchDifference(sample([1, 2, 4]), sample([10, 10, 20]), 0.05).value).toBeNull();
  });

  test('has no lift over a control whose mean is not above zero', () => {
    const [control, variant] = [sample([10, -3, 20]), sample([10, 5, 20])];
    expect(deltaLift(control, variant, 0.05).value).toBeNull();
    expect(ratioLift(meanOf(control), meanOf(variant), 2).value).toBeNull();
  });

  test('that is enormous or tiny never overflows', () => {
    const huge = sample([10, 1e150, 1e300]);
    const tiny = sample([10, 1e-150, 1e-300]);
    for (const [a, b] of [
      [huge, huge],
      [tiny, tiny],
      [huge, tiny],
      [tiny, huge],
    ] as const) {
      const numbers = [
        welchTest(a, b),
        welchDifference(a, b, 0.05),
        deltaLift(a, b, 0.05),
        ratioLift(meanOf(a), meanOf(b), 2),
      ];
      for (const value of numbers.flatMap((result) => Object.values(result) as unknown[])) {
        expect(typeof value === 'number' && !Number.isFinite(value)).toBe(false);
      }
    }
  });
});

describe('a lift of means after Fieller', () => {
  test('has the ends at which the contrast is just as many standard errors away', () => {
    const [a, b] = [
      { mean: 4, standardError: 0.5 },
      { mean: 5, standardError: 0.7 },
    ];
    const { low, high } = known(ratioLift(a, b, 1.96));
    for (const end of [low, high]) {
      const ratio = 1 + (end ?? NaN);
      const away = Math.abs(b.mean - ratio * a.mean) / Math.hypot(b.standardError, ratio * a.standardError);
      expect(away).toBeCloseTo(1.96, 10);
    }
  });

  test('has no upper end while the control may still be zero', () => {
    const control = { mean: 1, standardError: 1 };
    expect(ratioLift(control, { mean: 10, standardError: 1 }, 2)).toMatchObject({
      high: null,
      low: expect.any(Number),
    });
    expect(ratioLift(control, { mean: -10, standardError: 1 }, 2)).toMatchObject({
      low: null,
      high: expect.any(Number),
    });
    expect(ratioLift(control, { mean: 1, standardError: 1 }, 2)).toMatchObject({ low: null, high: null });
  });
});

describe('the confidence sequence', () => {
  test('is always wider than the interval for one look, and most nearly as narrow around 5000 participants', () => {
    const widths = [100, 1000, 5000, 50_000, 5_000_000].map((n) => sequentialMultiplier(n, 0.05));
    expect(Math.min(...widths)).toBe(widths[2]);
    expect(Math.min(...widths)).toBeGreaterThan(1.96);
  });

  test('says the same by p and by interval, also when only the interval is at a corrected alpha', () => {
    const mixture = mixtureVariance(0.05);
    for (const ownAlpha of [0.05, 0.01]) {
      const edge = sequentialMultiplier(3000, ownAlpha, mixture);
      const at = (z: number): number => sequentialP({ difference: z, standardError: 1, participants: 3000 }, mixture);
      expect(at(edge * 1.000001)).toBeLessThan(ownAlpha);
      expect(at(edge * 0.999999)).toBeGreaterThan(ownAlpha);
    }
  });

  test('needs participants and a standard error', () => {
    expect(() => sequentialMultiplier(0, 0.05)).toThrow(DomainError);
    expect(() => sequentialP({ difference: 1, standardError: 0, participants: 10 }, 0.001)).toThrow(DomainError);
  });
});
