import { mulberry32 } from '../cli/simulate/mulberry32.ts';
import { analyze } from '../stats/analyze.ts';
import { chanceToBeBest } from '../stats/methods/bayesian.ts';
import { type Method, methods } from '../shared/contract/statistics.ts';
import { sampleSizePerArm } from '../stats/planning.ts';
import { createPosterior } from '../stats/methods/posterior.ts';
import type { Proportion } from '../stats/rates.ts';

/** How many of `people` convert, each by itself. */
export function draw(random: () => number, people: number, rate: number): number {
  let converted = 0;
  for (let i = 0; i < people; i++) if (random() < rate) converted++;
  return converted;
}

export interface FalseWinners {
  readonly rule: string;
  /** Share of experiments with a false winner on the last day. */
  readonly once: number;
  /** Share with one on any day. */
  readonly ever: number;
}

interface AaSetup {
  readonly experiments: number;
  readonly days: number;
  /** Participants of each arm a day. */
  readonly perDay: number;
  readonly rate: number;
  readonly seed: number;
  /** The methods to ask; all of them, and the popular rule of 95 %, unless given. */
  readonly only?: readonly Method[];
}

/** Runs experiments without any difference, and asks every rule every day. */
export function countFalseWinners({ experiments, days, perDay, rate, seed, only }: AaSetup): FalseWinners[] {
  const rules = only ? only.map(verdictRule) : [...methods.map(verdictRule), chanceOver95];
  const random = mulberry32(seed);
  const tally = rules.map(({ name }) => ({ rule: name, once: 0, ever: 0 }));

  for (let experiment = 0; experiment < experiments; experiment++) {
    const namedOne = rules.map(() => false);
    let [a, b] = [0, 0];
    for (let day = 1; day <= days; day++) {
      a += draw(random, perDay, rate);
      b += draw(random, perDay, rate);
      const participants = day * perDay;
      rules.forEach(({ decides }, i) => {
        const decided = decides({ conversions: a, participants }, { conversions: b, participants });
        namedOne[i] ||= decided;
        const count = tally[i];
        if (count && decided && day === days) count.once++;
      });
    }
    tally.forEach((count, i) => {
      if (namedOne[i]) count.ever++;
    });
  }
  return tally.map(({ rule, once, ever }) => ({ rule, once: once / experiments, ever: ever / experiments }));
}

interface Rule {
  readonly name: string;
  readonly decides: (control: Proportion, variant: Proportion) => boolean;
}

function verdictRule(method: Method): Rule {
  return { name: `verdict by \`${method}\``, decides: (control, variant) => isDecided(method, control, variant) };
}

const chanceOver95: Rule = {
  name: 'chance to win over 95 %, either arm',
  decides: (control, variant) => {
    const chance = chanceToBeBest(createPosterior(variant), [createPosterior(control)]);
    return chance > 0.95 || chance < 0.05;
  },
};

/** Whether the verdict names a winner or a loser. */
export function isDecided(method: Method, control: Proportion, variant: Proportion): boolean {
  const arms = [
    { name: 'control', ...control },
    { name: 'variant', ...variant },
  ];
  const goal = { name: 'goal', metric: 'conversions', set: 'primary', arms } as const;
  const report = analyze({ baseline: 'control', arms, goals: [goal] }, { method });
  const kind = report.goals[0]?.arms[1]?.comparison?.verdict.kind;
  return kind === 'winning' || kind === 'losing';
}

interface AbSetup {
  readonly experiments: number;
  readonly controlRate: number;
  readonly variantRate: number;
  readonly power: number;
  readonly seed: number;
  readonly methods: readonly Method[];
}

export interface SimulatedPower {
  readonly perArm: number;
  /** Share of experiments in which a single look by each method, in the order asked for, sees the difference. */
  readonly seen: readonly number[];
}

/** Runs experiments with a difference at the size the planner gives. */
export function simulatePower({
  experiments,
  controlRate,
  variantRate,
  power,
  seed,
  methods: asked,
}: AbSetup): SimulatedPower {
  const random = mulberry32(seed);
  const perArm = Math.ceil(sampleSizePerArm({ controlRate, variantRate, alpha: 0.05, power }));
  const seen = asked.map(() => 0);
  for (let experiment = 0; experiment < experiments; experiment++) {
    const control = { conversions: draw(random, perArm, controlRate), participants: perArm };
    const variant = { conversions: draw(random, perArm, variantRate), participants: perArm };
    asked.forEach((method, i) => {
      if (isDecided(method, control, variant)) seen[i] = (seen[i] ?? 0) + 1;
    });
  }
  return { perArm, seen: seen.map((count) => count / experiments) };
}
