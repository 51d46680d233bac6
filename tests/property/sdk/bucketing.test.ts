import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { contextKey } from '../../../sdk/src/key/context-key.ts';
import { hmacNode } from '../../../sdk/src/node/identify.ts';
import { bucket } from '../../../sdk/src/rollout.ts';
import { percent } from '../../../sdk/src/rollout.ts';

const million = 1_000_000;

const weightSets: readonly (readonly number[])[] = [
  [50, 50],
  [99, 1],
  [1, 99],
  [90, 10],
  [75, 25],
  [66.6, 33.4],
  [34, 33, 33],
  [20, 30, 50],
  [25, 25, 25, 25],
  [10, 20, 30, 40],
  [97, 1, 1, 1],
  [20, 20, 20, 20, 20],
  [5, 15, 25, 25, 30],
  [12.5, 37.5, 50],
  [0, 40, 60],
  [0.5, 99.5],
  [60, 40],
  [80, 10, 10],
  [16, 16, 17, 17, 17, 17],
  [10, 10, 10, 10, 10, 10, 10, 10, 10, 10],
];

const named = (weights: readonly number[]): Record<string, number> =>
  Object.fromEntries(weights.map((weight, i) => [`variant ${i}`, weight]));

/** How many of a million units fall on each place, and one unit of each place to stand for the others. */
const surveyPlaces = (seed: string) => {
  const units = new Map<number, { id: string; count: number }>();
  for (let i = 0; i < million; i++) {
    const id = `user-${i}`;
    const place = bucket(seed, id);
    const unit = units.get(place);
    if (unit) unit.count++;
    else units.set(place, { id, count: 1 });
  }
  return [...units.values()];
};

const countVariants = (seed: string, places: ReturnType<typeof surveyPlaces>, weights: readonly number[]) => {
  const rollout = percent(named(weights));
  const counts = new Map<string | undefined, number>();
  for (const { id, count } of places) {
    const variant = rollout.choose({ name: seed, id, coverage: 1 });
    counts.set(variant, (counts.get(variant) ?? 0) + count);
  }
  return counts;
};

describe('a million units', () => {
  const places = surveyPlaces('weights');

  test.each(weightSets.map((weights) => [weights.join('/'), weights] as const))(
    'fall within four standard errors of the weights %s',
    (_, weights) => {
      const counts = countVariants('weights', places, weights);

      expect(counts.has(undefined)).toBe(false);
      weights.forEach((weight, i) => {
        const share = weight / 100;
        const standardError = Math.sqrt(million * share * (1 - share));
        const deviation = Math.abs((counts.get(`variant ${i}`) ?? 0) - million * share);
        expect(deviation).toBeLessThanOrEqual(4 * standardError);
      });
    },
  );
});

/** Pearson's statistic of two experiments' variants being independent. */
const chiSquared = (pairs: readonly (readonly [string, string])[]): number => {
  const count = (keys: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  };
  const rows = count(pairs.map(([row]) => row));
  const columns = count(pairs.map(([, column]) => column));
  const cells = count(pairs.map(([row, column]) => `${row}\n${column}`));

  let statistic = 0;
  for (const [row, inRow] of rows) {
    for (const [column, inColumn] of columns) {
      const expected = (inRow * inColumn) / pairs.length;
      statistic += ((cells.get(`${row}\n${column}`) ?? 0) - expected) ** 2 / expected;
    }
  }
  return statistic;
};

describe('two experiments', () => {
  const rollout = percent({ a: 25, b: 25, c: 25, d: 25 });
  const units = Array.from({ length: 100_000 }, (_, i) => `user-${i}`);
  // The 99.9 % quantile of chi-squared with (4 - 1) * (4 - 1) degrees of freedom.
  const critical = 27.877;

  test.each([
    ['red button', 'new checkout'],
    ['a', 'b'],
    ['test', 'test2'],
  ])('draw independently for the same units: %s and %s', (one, other) => {
    const draw = (name: string, id: string) => rollout.choose({ name, id, coverage: 1 }) ?? 'nothing';

    expect(chiSquared(units.map((id) => [draw(one, id), draw(other, id)]))).toBeLessThan(critical);
  });

  test('draw independently by the keys that they give the same visitors', () => {
    const draw = (name: string, userId: string) =>
      rollout.choose({ name, id: contextKey(hmacNode, '', name, { userId }), coverage: 1 }) ?? 'nothing';

    const pairs = units.slice(0, 50_000).map((id) => [draw('one', id), draw('other', id)] as const);
    expect(chiSquared(pairs)).toBeLessThan(critical);
  });

  test('would be found out if they were not independent', () => {
    const draw = (id: string) => rollout.choose({ name: 'same', id, coverage: 1 }) ?? 'nothing';

    expect(chiSquared(units.map((id) => [draw(id), draw(id)]))).toBeGreaterThan(critical);
  });
});

const share = fc.integer({ min: 0, max: 1_000 }).map((thousandths) => thousandths / 1_000);

describe('coverage', () => {
  test('raised moves nobody from one variant to another', () => {
    fc.assert(
      fc.property(share, share, fc.string(), fc.constantFrom(...weightSets), (one, other, id, weights) => {
        const choose = (coverage: number) => percent(named(weights)).choose({ name: 'coverage', id, coverage });
        const narrow = choose(Math.min(one, other));

        expect([undefined, choose(Math.max(one, other))]).toContain(narrow);
      }),
      { numRuns: 3_000, seed: 8 },
    );
  });

  test('takes in its share of the units, in the proportion of the weights', () => {
    const rollout = percent({ control: 75, red: 25 });
    const drawn = Array.from({ length: 100_000 }, (_, i) =>
      rollout.choose({ name: 'share', id: `${i}`, coverage: 0.2 }),
    );

    const expectShare = (count: number, expected: number) => {
      expect(Math.abs(count - 100_000 * expected)).toBeLessThan(4 * Math.sqrt(100_000 * expected * (1 - expected)));
    };
    expectShare(drawn.filter((variant) => variant === 'control').length, 0.15);
    expectShare(drawn.filter((variant) => variant === 'red').length, 0.05);
  });
});
