import { describe, expect, test } from '@jest/globals';
import { DomainError } from '../../../stats/numeric/domain.ts';
import { daysLeft, minimumDetectableEffect, powerOf, sampleSizePerArm } from '../../../stats/planning.ts';
import { sampleRatio } from '../../../stats/sample-ratio.ts';
import { expectClose, known } from './numbers.ts';

const plan = { controlRate: 0.1, variantRate: 0.12, alpha: 0.05 };

describe('a plan', () => {
  test.each([0.5, 1, 3])(
    'with %d participants of the variant for each of the control has the power it was made for',
    (allocation) => {
      const size = sampleSizePerArm({ ...plan, power: 0.83, allocation });
      expectClose([powerOf({ ...plan, allocation }, size)], [0.83], 1e-12);
    },
  );

  test('detects exactly the effect it was sized for', () => {
    const size = sampleSizePerArm({ ...plan, power: 0.8 });
    const effect = known(minimumDetectableEffect({ controlRate: 0.1, alpha: 0.05, power: 0.8 }, size));
    expectClose([effect.value, effect.lift], [0.02, 0.2], 1e-10);
  });

  test('is smallest with equal arms', () => {
    const total = (allocation: number): number =>
      (1 + allocation) * sampleSizePerArm({ ...plan, power: 0.8, allocation });
    expect(total(1)).toBeLessThan(total(0.25));
    expect(total(1)).toBeLessThan(total(4));
  });

  test('for a handful of people detects nothing, and says so', () => {
    expect(minimumDetectableEffect({ controlRate: 0.9, alpha: 0.05, power: 0.8 }, 10)).toEqual({
      value: null,
      reason: 'too few participants to see any rise',
    });
  });

  test.each([
    { controlRate: 0 },
    { variantRate: 1 },
    { variantRate: 0.1 },
    { alpha: 0 },
    { power: 1 },
    { allocation: 0 },
  ])('with %j is refused', (wrong) => {
    expect(() => sampleSizePerArm({ ...plan, power: 0.8, ...wrong })).toThrow(DomainError);
  });
});

describe('the days left', () => {
  const progress = {
    standardError: 0.01,
    effect: 0.02,
    participants: 4000,
    participantsPerDay: 500,
    multiplier: 1.959964,
    power: 0.8,
  };

  test('follow from how much smaller the standard error has to be', () => {
    // (1.959964 + 0.841621)·0.01/0.02 = 1.4008: 1.9622 times the participants, so 0.9622·4000/500 days.
    expect(daysLeft(progress)).toBe(8);
  });

  test('stay a number for an effect that can never be seen', () => {
    expect(daysLeft({ ...progress, effect: 1e-200 })).toBe(1_000_000);
  });

  test('are 0 once the effect would be seen', () => {
    expect(daysLeft({ ...progress, effect: 0.03 })).toBe(0);
  });
});

describe('the sample ratio', () => {
  const split = (...participants: readonly number[]) => participants.map((n) => ({ participants: n, weight: 1 }));

  test('does not depend on the unit of the weights', () => {
    const weigh = (weights: readonly number[]) =>
      known(sampleRatio([9100, 900].map((participants, i) => ({ participants, weight: weights[i] ?? 0 }))));
    expect(weigh([90, 10]).p).toBeCloseTo(weigh([0.9, 0.1]).p, 12);
    expect(weigh([90, 10]).expected[0]).toBeCloseTo(9000, 8);
  });

  test('alarms under one in a thousand', () => {
    expect(known(sampleRatio(split(50_000, 51_300))).alarm).toBe(false);
    expect(known(sampleRatio(split(50_000, 51_500))).alarm).toBe(true);
  });

  test('that is assumed never alarms, however small its p', () => {
    const ratio = known(sampleRatio(split(800, 200), { assumed: true }));
    expect(ratio).toMatchObject({ alarm: false, assumed: true });
    expect(ratio.p).toBeLessThan(1e-20);
  });

  test('alarms by anybody in an arm of weight 0, and by nobody else there', () => {
    const ratio = known(sampleRatio([...split(500, 510), { participants: 1, weight: 0 }]));
    expect(ratio).toMatchObject({ df: 1, p: 0, alarm: true, expected: [505, 505, 0] });
    const empty = known(sampleRatio([...split(500, 510), { participants: 0, weight: 0 }]));
    expect(empty).toMatchObject({ p: 1, alarm: false });
  });

  test('needs two arms with weight, and somebody in them', () => {
    expect(sampleRatio(split(5)).value).toBeNull();
    expect(sampleRatio(split(0, 0)).value).toBeNull();
  });

  test.each([-1, NaN, Infinity, 1e-10])('refuses a weight of %d', (weight) => {
    expect(() => sampleRatio([...split(5), { participants: 5, weight }])).toThrow(DomainError);
  });
});
