import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import {
  fixedPower,
  fixedSize,
  sequentialMultiplier,
  sequentialPower,
  sequentialSize,
  smallestLift,
  upperQuantile,
  upperTail,
} from '../../../dashboard/planner/plan.ts';
import { faultOf, readPlan } from '../../../dashboard/planner/read-plan.ts';
import { mixtureVariance, sequentialMultiplier as exactMultiplier } from '../../../stats/methods/sequential.ts';
import { normalUpperQuantile, normalUpperTail } from '../../../stats/numeric/distributions.ts';
import { powerOf, sampleSizePerArm } from '../../../stats/planning.ts';

const plans = fc.record({
  rate: fc.double({ min: 0.005, max: 0.4, noNaN: true }),
  lift: fc.double({ min: 0.02, max: 0.8, noNaN: true }),
  alpha: fc.constantFrom(0.01, 0.05, 0.1),
  power: fc.constantFrom(0.5, 0.8, 0.95),
  arms: fc.constant(2),
});

describe("the planner's normal distribution", () => {
  test('agrees with that of the statistics', () => {
    for (const z of [-6, -1.96, -0.3, 0, 0.5, 1.2816, 1.96, 3, 5, 7]) {
      expect(upperTail(z)).toBeCloseTo(normalUpperTail(z), 8);
    }
    for (const tail of [1e-6, 0.00125, 0.025, 0.2, 0.5, 0.8, 0.999]) {
      expect(upperQuantile(tail)).toBeCloseTo(normalUpperQuantile(tail), 5);
    }
  });
});

describe('the planner', () => {
  test('asks for as many participants as the planning of the statistics', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const exact = sampleSizePerArm({ ...plan, controlRate: plan.rate, variantRate: plan.rate * (1 + plan.lift) });
        expect(Math.abs(fixedSize(plan) - exact)).toBeLessThan(1 + exact * 1e-4);
      }),
    );
  });

  test('tells the same power', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 10, max: 1_000_000 }), (plan, perArm) => {
        const exact = powerOf(
          { controlRate: plan.rate, variantRate: plan.rate * (1 + plan.lift), alpha: plan.alpha },
          perArm,
        );
        expect(fixedPower(plan, perArm)).toBeCloseTo(exact, 5);
      }),
    );
  });

  test('widens the sequential interval as the verdict does', () => {
    for (const participants of [10, 500, 5_000, 1_000_000]) {
      const exact = exactMultiplier(participants, 0.025, mixtureVariance(0.05));
      expect(sequentialMultiplier(participants, 0.05, 0.025)).toBeCloseTo(exact, 9);
    }
  });

  test('finds the first count at which the sequential method has the wanted power', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const size = sequentialSize(plan);
        expect(sequentialPower(plan, size)).toBeGreaterThanOrEqual(plan.power);
        expect(sequentialPower(plan, size - 1)).toBeLessThan(plan.power);
        expect(size).toBeGreaterThan(fixedSize(plan) * 0.9);
      }),
      { numRuns: 30 },
    );
  });

  test('names the smallest lift that is seen with the wanted power', () => {
    const plan = { rate: 0.05, lift: 0.1, alpha: 0.05, power: 0.8, arms: 2 };
    const lift = smallestLift(plan, 31_234, fixedPower) ?? 0;
    expect(lift).toBeCloseTo(0.1, 4);
    expect(smallestLift({ ...plan, rate: 0.9 }, 20, fixedPower)).toBeNull();
  });

  test('says of each field what it expects', () => {
    expect(faultOf('rate', '5')).toBeNull();
    expect(faultOf('rate', '0')).toBe('Expected a percentage between 0 and 100.');
    expect(faultOf('arms', '2.5')).toBe('Expected a whole number from 2 to 50.');
    expect(faultOf('daily', '')).toBe('Expected a number from 1.');
    const typed = { rate: '60', lift: '80', alpha: '5', power: '80', arms: '2', daily: '10' };
    expect(readPlan(typed)).toContain('choose a smaller lift');
    expect(readPlan({ ...typed, rate: '5' })).toMatchObject({ plan: { rate: 0.05, lift: 0.8 }, daily: 10 });
  });
});
