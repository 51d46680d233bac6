import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { analyze } from '../../../stats/analyze.ts';
import { excludesZero } from '../../../stats/estimate.ts';
import { type Comparison, type Method, methods, type Verdict } from '../../../shared/contract/statistics.ts';
import type { ExperimentCounts, GoalArmCounts, Moments } from '../../../stats/experiment.ts';
import { adjustBenjaminiHochberg, adjustHolm } from '../../../stats/many-comparisons.ts';
import type { Proportion } from '../../../stats/rates.ts';
import type { ArmReport } from '../../../stats/report.ts';
import { closeProportions, runs } from './counts.ts';

/** Two arms with one goal that is a rate. */
function rateExperiment(control: Proportion, variant: Proportion): ExperimentCounts {
  const arms = [
    { name: 'control', ...control },
    { name: 'variant', ...variant },
  ];
  return { baseline: 'control', arms, goals: [{ name: 'goal', metric: 'conversions', set: 'primary', arms }] };
}

function comparisonsOf(counts: ExperimentCounts, ...settings: Parameters<typeof analyze>[1][]): Comparison[] {
  return settings.flatMap((each) =>
    analyze(counts, each).goals.flatMap(({ arms }) => arms.flatMap(({ comparison }) => comparison ?? [])),
  );
}

/** That the verdict, both intervals and the p or chance of its method say the same. */
function expectAgreement(method: Method, { verdict, evidence }: Comparison, alpha: number): void {
  const own = evidence[method];
  if (!own) {
    expect(['need data', 'invalid']).toContain(verdict.kind);
    return;
  }
  const decided = verdict.kind === 'winning' || verdict.kind === 'losing';
  const above = verdict.kind === 'winning';
  for (const estimate of [own.difference, own.lift]) {
    if (estimate.value === null || own.contradictory) continue;
    expect(excludesZero(estimate)).toBe(decided);
    if (decided) expect(estimate.value > 0).toBe(above);
  }
  if (own.adjustedP !== null && !own.contradictory) expect(own.adjustedP < alpha).toBe(decided);
  if (own.chanceAbove !== null) {
    const doubt = 2 * Math.min(own.chanceAbove, 1 - own.chanceAbove);
    expect(doubt < alpha).toBe(decided);
  }
  if (own.contradictory) {
    expect(method).toBe('abba');
    expect(decided).toBe(false);
  }
}

const alphas = fc.constantFrom(0.05, 0.01, 0.1, 0.2);

describe.each(methods)('by the %s method', (method) => {
  test('verdict, interval and p always agree', () => {
    fc.assert(
      fc.property(closeProportions(20_000), alphas, ([control, variant], alpha) => {
        for (const comparison of comparisonsOf(rateExperiment(control, variant), { method, alpha })) {
          expectAgreement(method, comparison, alpha);
        }
      }),
      { ...runs, numRuns: method === 'bayesian' ? 60 : 400 },
    );
  });

  test('they agree with each other also after a correction for many goals and variants', () => {
    const goal = fc.tuple(closeProportions(5000), closeProportions(5000));
    fc.assert(
      fc.property(
        fc.array(goal, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('holm' as const, 'benjamini-hochberg' as const),
        (pairs, correction) => {
          const moments = (counts: Proportion): Moments => momentsOf(counts, 3, 0);
          const counts: ExperimentCounts = {
            baseline: 'control',
            arms: ['control', 'a', 'b'].map((name) => ({ name, participants: 0 })),
            goals: pairs.map(([[control, a], [, b]], i) => ({
              name: `goal ${i}`,
              metric: 'pct',
              set: 'primary',
              arms: Object.entries({ control, a, b }).map(([name, each]) => ({
                name,
                conversions: 0,
                moments: moments(each),
              })),
            })),
          };
          for (const comparison of comparisonsOf(counts, { method, correction })) {
            expectAgreement(method, comparison, 0.05);
          }
        },
      ),
      { ...runs, numRuns: method === 'bayesian' ? 10 : 100 },
    );
  });
});

// Abba sums over the counts of the arm it calls baseline, so it alone may tell the arms apart at the edge.
const symmetric = methods.filter((method) => method !== 'abba');

/** A lift is relative to the other arm, so how undecided a comparison is may differ. */
function decisionOf(kind: Verdict['kind'] | undefined) {
  return kind !== undefined && /^(no |too early)/.test(kind) ? 'undecided' : kind;
}

test.each(symmetric)(
  'by the %s method swapping the arms turns winning into losing, and decides nothing else',
  (method) => {
    fc.assert(
      fc.property(closeProportions(20_000), ([control, variant]) => {
        const [there, back] = [rateExperiment(control, variant), rateExperiment(variant, control)].map((counts) =>
          decisionOf(comparisonsOf(counts, { method })[0]?.verdict.kind),
        );
        const turned = there === 'winning' ? 'losing' : there === 'losing' ? 'winning' : there;
        expect(back).toBe(turned);
      }),
      { ...runs, numRuns: method === 'bayesian' ? 20 : 200 },
    );
  },
);

test('the verdicts of means agree with their intervals and p by every method that has them', () => {
  fc.assert(
    fc.property(
      closeProportions(20_000),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.constantFrom('n' as const, 'sum' as const),
      ([control, variant], value, spread, metric) => {
        const arms = Object.entries({ control, variant }).map(([name, counts]) => ({
          name,
          participants: counts.participants,
          conversions: 0,
          moments: momentsOf(counts, value, spread),
        }));
        const counts: ExperimentCounts = {
          baseline: 'control',
          arms,
          goals: [{ name: 'goal', metric, set: 'primary', arms }],
        };
        for (const method of ['sequential', 'fixed', 'bayesian'] as const) {
          for (const comparison of comparisonsOf(counts, { method })) expectAgreement(method, comparison, 0.05);
        }
      },
    ),
    { ...runs, numRuns: 300 },
  );
});

/** Units that convert have this value on average, with this coefficient of variation. */
function momentsOf({ conversions, participants }: Proportion, value: number, spread: number): Moments {
  const [sum, squares] = [conversions * value, conversions * value ** 2 * (1 + spread ** 2)];
  return { units: participants, converted: conversions, sumN: sum, sumN2: squares, sumV: sum, sumV2: squares };
}

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

describe('for any counts that counters can hold', () => {
  const count = fc.oneof(
    fc.constantFrom(0, 1, 150, 1e9),
    fc.integer({ min: 0, max: 1000 }),
    fc.integer({ min: 0, max: 1e9 }),
  );
  const real = fc.oneof(fc.constant(0), fc.double({ min: -1e12, max: 1e12, noNaN: true }));
  const moments: fc.Arbitrary<Moments> = fc.record({
    units: count,
    converted: count,
    sumN: real,
    sumN2: real,
    sumV: real,
    sumV2: real,
  });
  const arm = fc.record({ participants: count, conversions: count, moments });
  const experiments: fc.Arbitrary<ExperimentCounts> = fc
    .record({
      arms: fc.array(fc.tuple(arm, arm), { minLength: 2, maxLength: 3 }),
      weights: fc.constantFrom<readonly (readonly number[])[]>(
        [],
        [1, 1, 1].map((w) => [w]),
        [[9], [1], [0]],
      ),
      metric: fc.constantFrom('conversions' as const, 'pct' as const, 'n' as const, 'sum' as const),
      better: fc.constantFrom('higher' as const, 'lower' as const),
    })
    .map(({ arms, weights, metric, better }) => {
      const inGoal = (which: 0 | 1): GoalArmCounts[] => arms.map((pair, i) => ({ name: `arm ${i}`, ...pair[which] }));
      return {
        baseline: 'arm 0',
        arms: arms.map(([{ participants }], i) => {
          const [weight] = weights[i] ?? [];
          return { name: `arm ${i}`, participants, ...(weight === undefined ? {} : { weight }) };
        }),
        goals: [
          { name: 'first', metric, set: 'primary' as const, better, arms: inGoal(0) },
          { name: 'second', metric: 'conversions' as const, set: 'guardrail' as const, arms: inGoal(1) },
        ],
      };
    });

  // Abba's time grows with the root of the participants: at 1e9 it has its own test.
  const quick = methods.filter((method) => method !== 'abba');

  test('there is a report without NaN or Infinity, with a verdict for every variant', () => {
    fc.assert(
      fc.property(experiments, (counts) => {
        const report = analyze(counts, {
          method: 'sequential',
          alsoMethods: quick,
          participantsPerDay: 1000,
          smallestLift: 0.01,
        });
        expect(numbersOf(report).filter((value) => !Number.isFinite(value))).toEqual([]);
        const variants: ArmReport[] = report.goals.flatMap(({ arms }) =>
          arms.filter(({ name }) => name !== report.baseline),
        );
        for (const { comparison } of variants) expect(comparison?.verdict.sentence).toMatch(/^[A-Z].*\.$/);
      }),
      { ...runs, numRuns: 200 },
    );
  });

  test('the goals of a set alone are compared as they are among all of them', () => {
    fc.assert(
      fc.property(experiments, fc.constantFrom(...quick), (counts, method) => {
        const all = analyze(counts, { method, brief: true }).goals;
        const some = analyze(counts, { method, brief: true, onlySets: ['primary'] }).goals;
        const of = (goals: typeof all, wanted: boolean) => goals.filter(({ set }) => (set === 'primary') === wanted);
        expect(of(some, true)).toEqual(of(all, true));
        expect(of(some, false).map(({ arms }) => arms.map(({ lift }) => lift))).toEqual(
          of(all, false).map(({ arms }) => arms.map(({ lift }) => lift)),
        );
        expect(of(some, false).flatMap(({ arms }) => arms.flatMap(({ comparison }) => comparison ?? []))).toEqual([]);
      }),
      { ...runs, numRuns: 200 },
    );
  });

  test('the same arm twice never wins', () => {
    fc.assert(
      fc.property(experiments, fc.constantFrom(...quick), (counts, method) => {
        const [first] = counts.arms;
        if (!first) return;
        const twin = {
          ...counts,
          arms: [
            { ...first, name: 'arm 0' },
            { ...first, name: 'arm 1' },
          ],
        };
        const goals = twin.goals.map((goal) => ({
          ...goal,
          arms: goal.arms.slice(0, 1).flatMap((each) => [each, { ...each, name: 'arm 1' }]),
        }));
        for (const { verdict } of comparisonsOf({ ...twin, goals }, { method })) {
          expect(['winning', 'losing']).not.toContain(verdict.kind);
        }
      }),
      { ...runs, numRuns: 200 },
    );
  });
});

test.each([
  [{ conversions: 5e8, participants: 1e9 }, { conversions: 500_150_000, participants: 1e9 }, 'winning'],
  [{ conversions: 5e8, participants: 1e9 }, { conversions: 500_000_100, participants: 1e9 }, 'no difference'],
] as const)(
  'a thousand million participants, %j and %j, have a verdict by every method: %s',
  (control, variant, kind) => {
    for (const method of methods) {
      const [comparison] = comparisonsOf(rateExperiment(control, variant), { method });
      expect(comparison?.verdict.kind).toBe(kind);
    }
  },
);

describe('adjusted p-values', () => {
  const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

  test.each([
    ['Holm', adjustHolm],
    ['Benjamini-Hochberg', adjustBenjaminiHochberg],
  ])('of %s keep the order, and are from p to 1', (_name, adjust) => {
    fc.assert(
      fc.property(pValues, (ps) => {
        const adjusted = adjust(ps);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p * (1 - 1e-15));
          expect(adjusted[i]).toBeLessThanOrEqual(1);
          ps.forEach((other, j) => {
            if (p < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? NaN);
          });
        });
      }),
      runs,
    );
  });

  test('of Benjamini-Hochberg are never larger than those of Holm', () => {
    fc.assert(
      fc.property(pValues, (ps) => {
        const holm = adjustHolm(ps);
        adjustBenjaminiHochberg(ps).forEach((p, i) => expect(p).toBeLessThanOrEqual((holm[i] ?? NaN) * (1 + 1e-15)));
      }),
      runs,
    );
  });
});
