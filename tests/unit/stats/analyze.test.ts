import { describe, expect, test } from '@jest/globals';
import { analyze } from '../../../stats/analyze.ts';
import { DomainError } from '../../../stats/numeric/domain.ts';
import { type Comparison, methods } from '../../../shared/contract/statistics.ts';
import type { ExperimentCounts, GoalCounts, Moments, Settings } from '../../../stats/experiment.ts';
import type { ArmReport } from '../../../stats/report.ts';

type Counts = readonly [participants: number, conversions: number];

const sequential: Settings = { method: 'sequential' };

/** An experiment with one goal; the first arm is the baseline. */
function experiment(arms: Readonly<Record<string, Counts>>, goal: Partial<GoalCounts> = {}): ExperimentCounts {
  return {
    baseline: Object.keys(arms)[0] ?? '',
    arms: Object.entries(arms).map(([name, [participants]]) => ({ name, participants })),
    goals: [
      {
        name: 'buy',
        metric: 'conversions',
        set: 'primary',
        arms: Object.entries(arms).map(([name, [, conversions]]) => ({ name, conversions })),
        ...goal,
      },
    ],
  };
}

function armOf(counts: ExperimentCounts, settings: Settings, goal = 0, arm = 1): ArmReport {
  const found = analyze(counts, settings).goals[goal]?.arms[arm];
  if (!found) throw new Error(`Expected arm ${arm} of goal ${goal}.`);
  return found;
}

function compared(counts: ExperimentCounts, settings: Settings, goal = 0, arm = 1): Comparison {
  const { comparison } = armOf(counts, settings, goal, arm);
  if (!comparison) throw new Error('Expected a comparison.');
  return comparison;
}

const clear = experiment({ control: [10_000, 1000], variant: [10_000, 1400] });
const unclear = experiment({ control: [10_000, 1000], variant: [10_000, 1010] });

describe('the verdict', () => {
  test('names a winner by its lift, its interval and the p of the same method', () => {
    expect(compared(clear, sequential).verdict).toMatchObject({
      kind: 'winning',
      sentence: 'Winning: lift +40 %, 95 % interval +24.1 % to +58.4 %, p < 0.0001 at any number of looks.',
    });
  });

  test('turns round where lower is better, and says so', () => {
    const lower = experiment({ control: [10_000, 1000], variant: [10_000, 1400] }, { better: 'lower' });
    const { kind, sentence } = compared(lower, sequential).verdict;
    expect(kind).toBe('losing');
    expect(sentence).toMatch(/^Losing, as lower is better: lift \+40 %/);
  });

  test('is no clear difference where the interval contains zero', () => {
    const { kind, sentence } = compared(unclear, { method: 'fixed', smallestLift: 0.09 }).verdict;
    expect(kind).toBe('no clear difference');
    expect(sentence).toBe('No clear difference: lift +1 %, 95 % interval −7.04 % to +9.73 %, p = 0.814.');
  });

  test('of the Bayesian method speaks of a chance', () => {
    expect(compared(unclear, { method: 'bayesian' }).verdict.sentence).toContain(
      '59.3 % chance to be above the control',
    );
  });

  test('waits for the lift that the experiment is for, with the days it takes', () => {
    const settings: Settings = { method: 'fixed', smallestLift: 0.05, participantsPerDay: 2000 };
    const { verdict } = compared(unclear, settings);
    // SE 0.0042485: ((1.959964 + 0.841621)·0.0042532/0.005)² - 1 = 4.6795 times 20,000 / 2000 a day.
    expect(verdict).toMatchObject({ kind: 'too early', days: 47 });
    expect(verdict.sentence).toMatch(
      /^Too early \(about 47 days\): the interval reaches 8.38 % to either side, beyond the ±5 % worth knowing; lift/,
    );
  });

  test('tells no difference worth knowing from nobody knows', () => {
    const settings: Settings = { method: 'fixed', smallestLift: 0.2 };
    const { verdict } = compared(unclear, settings);
    expect(verdict).toMatchObject({ kind: 'no difference', within: 0.2 });
    expect(verdict.sentence).toMatch(/^No difference above ±20 %: lift \+1 %, 95 % interval −7.04 % to \+9.73 %/);
    expect(compared(unclear, { ...settings, smallestLift: 0.09 }).verdict.kind).toBe('no clear difference');
    const few = experiment({ control: [200, 20], variant: [200, 21] });
    expect(compared(few, { method: 'fixed' }).verdict.kind).toBe('too early');
  });

  test.each([
    [{ control: [2000, 0], variant: [2000, 200] }, 'winning'],
    [{ control: [2000, 1000], variant: [2000, 2000] }, 'winning'],
    [{ control: [2000, 200], variant: [2000, 0] }, 'losing'],
    [{ control: [2000, 2], variant: [2000, 60] }, 'winning'],
    [{ control: [20_000, 0], variant: [1500, 6] }, 'need data'],
  ] as const)('decides %j, where one arm has too few by itself: %s', (arms, kind) => {
    expect(compared(experiment(arms), sequential).verdict.kind).toBe(kind);
  });

  test.each(methods)('decides by %s where the goal never happened in the control', (method) => {
    const { verdict } = compared(experiment({ control: [2000, 0], variant: [2000, 200] }), { method });
    expect(verdict.kind).toBe('winning');
    expect(verdict.sentence).not.toMatch(/NaN|Infinity/);
    expect(compared(experiment({ control: [2000, 1000], variant: [2000, 2000] }), { method }).verdict.kind).toBe(
      'winning',
    );
  });

  test.each([
    [{ control: [149, 20], variant: [149, 60] }, '149 of the 150 units in the larger arm'],
    [{ control: [1000, 4], variant: [1000, 5] }, '4 of the 5 converted units in the control'],
    [{ control: [1000, 993], variant: [1000, 998] }, '2 of the 5 units in this variant that did not convert'],
    [{ control: [1000, 400], variant: [0, 0] }, '0 of the 5 converted units in this variant'],
  ] as const)('of %j is need data, and no lift is handed out', (arms, reason) => {
    const { verdict, description, evidence } = compared(experiment(arms), { method: 'fixed', alsoMethods: methods });
    expect(verdict.kind).toBe('need data');
    expect(verdict.sentence).toContain(reason);
    expect(description).toBeNull();
    expect(evidence).toEqual({});
  });

  test('says how many days the minimum takes at the present pace', () => {
    const { verdict } = compared(experiment({ control: [100, 20], variant: [100, 30] }), {
      method: 'fixed',
      participantsPerDay: 40,
    });
    expect(verdict).toMatchObject({
      kind: 'need data',
      sentence: 'Need data (about 3 days): 100 of the 150 units in the larger arm that a comparison needs.',
      days: 3,
    });
  });

  test('of more conversions than participants is invalid, and offers the mean', () => {
    const { verdict } = compared(experiment({ control: [1000, 100], variant: [1000, 1500] }), sequential);
    expect(verdict).toMatchObject({
      kind: 'invalid',
      sentence:
        'Invalid: 1500 conversions of 1000 participants (1.5 each) are no rate; use the mean per unit (metric n).',
    });
  });

  test('is invalid while the arms do not get the participants they should', () => {
    const weigh = (weight: number): ExperimentCounts => ({
      ...clear,
      arms: clear.arms.map((arm, i) => ({ ...arm, weight: i === 0 ? weight : 1 })),
    });
    const broken = analyze(weigh(2), sequential);
    expect(broken.sampleRatio).toMatchObject({ alarm: true });
    expect(broken.goals[0]?.arms[1]?.comparison?.verdict.sentence).toMatch(
      /^Invalid: the arms did not get the participants/,
    );
    expect(analyze(weigh(1), sequential).goals[0]?.arms[1]?.comparison?.verdict.kind).toBe('winning');
    expect(analyze(clear, sequential).sampleRatio).toMatchObject({ assumed: true, alarm: false });
  });

  test.each([[{ control: [200, 20], variant: [600, 94] }], [{ control: [1000, 100], variant: [200, 11] }]] as const)(
    "of Abba's method says so where Abba's interval and p contradict each other, as in %j",
    (arms) => {
      const { verdict, evidence } = compared(experiment(arms), { method: 'abba' });
      expect(evidence.abba).toMatchObject({ contradictory: true, side: 'undecided' });
      expect(verdict.kind).toBe('no clear difference');
      expect(verdict.sentence).toMatch(
        /^No clear difference: Abba's own interval and p contradict each other here, lift/,
      );
    },
  );
});

describe('the correction for many comparisons', () => {
  const borderline: Counts = [10_000, 1090];
  const manyArms = experiment({ control: [10_000, 1000], a: borderline, b: [10_000, 1005], c: [10_000, 1003] });

  test('can take a winner away, from the p and from the interval alike', () => {
    const alone = compared(manyArms, { method: 'fixed', correction: 'none' });
    expect(alone.verdict.kind).toBe('winning');
    const corrected = compared(manyArms, { method: 'fixed', correction: 'holm' });
    expect(corrected.verdict.kind).toBe('too early');
    expect(corrected.verdict.sentence).toContain('98.3 % interval');
    expect(corrected.verdict.sentence).toContain('corrected for all comparisons');
    expect(corrected.evidence.fixed?.adjustedP).toBeCloseTo(3 * (alone.evidence.fixed?.p ?? NaN), 12);
  });

  test('leaves guardrails out of the family of the other goals', () => {
    const guarded: ExperimentCounts = {
      ...manyArms,
      goals: [
        ...manyArms.goals,
        ...manyArms.goals.map((goal) => ({ ...goal, name: 'errors', set: 'guardrail' as const })),
      ],
    };
    const [without, withGuardrail] = [manyArms, guarded].map(
      (counts) => compared(counts, { method: 'fixed' }).evidence.fixed?.adjustedP,
    );
    expect(withGuardrail).toBe(without);
  });

  test('counts comparisons that have too little data', () => {
    const early = experiment({ control: [10_000, 1000], a: borderline, b: [10, 1], c: [0, 0] });
    expect(compared(early, { method: 'fixed' }).evidence.fixed?.alpha).toBeCloseTo(0.05 / 3, 12);
  });
});

describe('metrics on units', () => {
  const moments = (units: number, converted: number, scale: number): Moments => ({
    units,
    converted,
    sumN: converted * 2 * scale,
    sumN2: converted * 6 * scale ** 2,
    sumV: converted * 10 * scale,
    sumV2: converted * 180 * scale ** 2,
  });
  const perUnit = (metric: GoalCounts['metric'], scale: number): ExperimentCounts =>
    experiment(
      { control: [1000, 600], variant: [1000, 640] },
      {
        metric,
        arms: [
          { name: 'control', conversions: 600, moments: moments(900, 300, 1) },
          { name: 'variant', conversions: 640, moments: moments(900, 320, scale) },
        ],
      },
    );

  test('n and sum are means with their deviations, pct is the share of units', () => {
    expect(armOf(perUnit('n', 1), sequential, 0, 0).measured.value).toBeCloseTo(600 / 900, 12);
    expect(armOf(perUnit('sum', 1), sequential, 0, 0).measured.value).toBeCloseTo(3000 / 900, 12);
    expect(armOf(perUnit('pct', 1), sequential, 0, 0).measured.value).toBeCloseTo(300 / 900, 12);
    expect(armOf(perUnit('sum', 1), sequential, 0, 0)).toMatchObject({ units: 900, converted: 300 });
  });

  test('have verdicts by every method but Abba', () => {
    for (const method of ['sequential', 'fixed', 'bayesian'] as const) {
      expect(compared(perUnit('sum', 2), { method }).verdict.kind).toBe('winning');
      expect(compared(perUnit('sum', 1), { method }).verdict.kind).toBe('too early');
    }
    expect(compared(perUnit('sum', 2), { method: 'abba' }).verdict.sentence).toBe(
      'Invalid: Abba compares rates, not means.',
    );
  });

  test('without moments are invalid', () => {
    expect(
      compared(experiment({ control: [900, 1], variant: [900, 1] }, { metric: 'n' }), sequential).verdict.sentence,
    ).toBe('Invalid: in the control, this goal has no counts per unit, as its events carry no unit.');
  });
});

describe('of several goals', () => {
  test('one with impossible counts is invalid, and the others are as if it were not there', () => {
    const [goal] = clear.goals;
    if (!goal) throw new Error('Expected a goal.');
    const broken = { ...goal, name: 'broken', arms: [{ name: 'variant', conversions: NaN }] };
    const report = analyze({ ...clear, goals: [broken, goal] }, { method: 'sequential', correction: 'none' });
    expect(report.goals[0]?.arms[1]?.comparison?.verdict.sentence).toBe(
      'Invalid: impossible counts: Expected conversions to be a whole number from 0, got NaN.',
    );
    expect(report.goals[1]).toEqual(analyze(clear, { method: 'sequential', correction: 'none' }).goals[0]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('an arm that a goal does not name has no conversion in it', () => {
    const counts = experiment(
      { control: [1000, 100], variant: [1000, 0] },
      { arms: [{ name: 'control', conversions: 100 }] },
    );
    expect(armOf(counts, sequential)).toMatchObject({ converted: 0, measured: { value: 0 } });
  });
});

describe('the best arm', () => {
  const three = experiment({ control: [50_000, 2500], b: [50_000, 2610], c: [49_000, 2400] });

  test('is told by chances that sum to one, if beliefs were asked for', () => {
    const chances = [0, 1, 2].map((arm) => armOf(three, { method: 'bayesian' }, 0, arm).best?.chance ?? NaN);
    expect(chances[1]).toBeCloseTo(0.9364311543819, 9);
    expect(chances.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(armOf(three, sequential).best).toBeNull();
  });

  test('is the lowest where lower is better', () => {
    const lower = { ...three, goals: three.goals.map((goal) => ({ ...goal, better: 'lower' as const })) };
    const best = [0, 1, 2].map((arm) => armOf(lower, { method: 'bayesian' }, 0, arm).best?.chance ?? NaN);
    expect(Math.max(...best)).toBe(best[2]);
  });

  test('is not told while an arm has too little data', () => {
    const early = experiment({ control: [50_000, 2500], b: [50_000, 2610], c: [20, 1] });
    expect(armOf(early, { method: 'bayesian' }).best).toBeNull();
  });
});

describe('settings and arms', () => {
  test.each<[string, ExperimentCounts, Settings]>([
    ['alpha', clear, { method: 'fixed', alpha: 0 }],
    ['the power', clear, { method: 'fixed', power: 1 }],
    ['the smallest lift', clear, { method: 'fixed', smallestLift: 0 }],
    ['participants per day', clear, { method: 'fixed', participantsPerDay: -1 }],
    ['the baseline', { ...clear, baseline: 'nobody' }, { method: 'fixed' }],
    ['the name of an arm', { ...clear, arms: [...clear.arms, ...clear.arms] }, { method: 'fixed' }],
    ['participants', { ...clear, arms: clear.arms.map((arm) => ({ ...arm, participants: 0.5 })) }, { method: 'fixed' }],
  ])('outside the domain are refused by name: %s', (quantity, counts, settings) => {
    expect(() => analyze(counts, settings)).toThrow(DomainError);
    expect(() => analyze(counts, settings)).toThrow(`Expected ${quantity} to be`);
  });

  test('an experiment without goals, or of the baseline alone, is reported', () => {
    expect(analyze({ ...clear, goals: [] }, sequential).goals).toEqual([]);
    const alone = analyze(experiment({ control: [10, 1] }), { method: 'abba' });
    expect(alone.goals[0]?.arms).toHaveLength(1);
  });

  test('of a name that means something to JavaScript are like any other', () => {
    const odd = experiment({
      control: [10_000, 1000],
      ['__proto__']: [10_000, 1400],
      constructor: [10_000, 1400],
    } as const);
    expect(analyze(odd, sequential).goals[0]?.arms.map(({ name }) => name)).toEqual([
      'control',
      '__proto__',
      'constructor',
    ]);
  });
});
