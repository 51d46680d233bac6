import { compareFamily } from './compare.ts';
import { type Contest, createContest, liftOf } from './pair.ts';
import { describeMean, describeRate } from './description.ts';
import type {
  ArmDescription,
  Best,
  Better,
  Comparison,
  SampleRatio,
  Undetermined,
} from '../shared/contract/statistics.ts';
import { undetermined } from './estimate.ts';
import {
  type ArmCounts,
  type ExperimentCounts,
  type GoalCounts,
  resolveRules,
  type Rules,
  type Settings,
} from './experiment.ts';
import { type ArmMeasurement, measureArm, shortageOf } from './measurement.ts';
import type { ExperimentReport, GoalReport } from './report.ts';
import { sampleRatio } from './sample-ratio.ts';
import { chanceToBeBest, expectedLoss } from './methods/bayesian.ts';
import { createPosterior, mirrored } from './methods/posterior.ts';

/** One arm of one goal on its way through the analysis. The baseline has no contest. */
interface Entry {
  readonly arm: string;
  readonly measurement: ArmMeasurement;
  readonly contest: Contest | null;
}

/**
 * Everything the counts of an experiment say: the split, each arm by itself, and each variant against the baseline with
 * one verdict. A goal with impossible counts is called invalid and changes nothing for the others.
 * A DomainError for settings outside their domain, participants that are no counts, weights that are none (see
 * `sampleRatio`), a baseline that is no arm, or two arms of one name.
 */
export function analyze(counts: ExperimentCounts, settings: Settings): ExperimentReport {
  const rules = resolveRules(settings, counts);
  const split = splitOf(counts.arms);
  const goals = counts.goals.map((goal) => ({ goal, entries: enter(goal, counts) }));

  // Guardrails are corrected among themselves: watching more of them must not make a winner harder to find.
  const contests = goals.flatMap(({ entries }) => entries.flatMap(({ contest }) => contest ?? []));
  const comparisons = new Map<Contest, Comparison>();
  for (const isGuardrail of [false, true]) {
    const family = contests.filter(({ goal }) => (goal.set === 'guardrail') === isGuardrail);
    const results = compareFamily(family, rules, split);
    family.forEach((contest, i) => {
      const result = results[i];
      if (result) comparisons.set(contest, result);
    });
  }

  const { baseline } = counts;
  const { method, alpha, correction } = rules;
  const reports = goals.map(({ goal, entries }) => reportGoal(goal, entries, comparisons, rules));
  return { baseline, method, alpha, correction, sampleRatio: split, goals: reports };
}

function splitOf(arms: readonly ArmCounts[]): SampleRatio | Undetermined {
  const assumed = arms.every(({ weight }) => weight === undefined);
  return sampleRatio(
    arms.map(({ participants, weight = assumed ? 1 : 0 }) => ({ participants, weight })),
    { assumed },
  );
}

/** Measures each arm in this goal, and pairs each variant with the baseline. */
function enter(goal: GoalCounts, { arms, baseline }: ExperimentCounts): Entry[] {
  const counted = new Map(goal.arms.map((arm) => [arm.name, arm]));
  const measured = new Map(
    arms.map(({ name, participants }) => [
      name,
      measureArm(goal.metric, participants, counted.get(name) ?? { name, conversions: 0 }),
    ]),
  );
  const control = measured.get(baseline);
  return [...measured].map(([arm, measurement]) => ({
    arm,
    measurement,
    contest: arm === baseline || control === undefined ? null : createContest(goal, control, measurement),
  }));
}

function reportGoal(
  { name, metric, set, better = 'higher' }: GoalCounts,
  entries: readonly Entry[],
  comparisons: ReadonlyMap<Contest, Comparison>,
  { methods, describes }: Rules,
): GoalReport {
  const best = methods.includes('bayesian')
    ? findBest(
        entries.map(({ measurement }) => measurement),
        better,
      )
    : null;
  const arms = entries.map(({ arm, measurement, contest }, i) => ({
    name: arm,
    ...measurement.progress,
    measured: describes ? describe(measurement) : undetermined('not asked for'),
    best: best?.[i] ?? null,
    lift: contest?.state === 'ready' ? liftOf(contest.pair) : null,
    comparison: (contest && comparisons.get(contest)) ?? null,
  }));
  return { name, metric, set, better, arms };
}

function describe(measurement: ArmMeasurement): ArmDescription | Undetermined {
  if (measurement.kind === 'invalid') return undetermined(measurement.reason);
  if (measurement.progress.units === 0) return undetermined('no participant yet');
  return measurement.kind === 'proportion' ? describeRate(measurement.counts) : describeMean(measurement.counts);
}

/** For each arm the chance to be the best of all, and what choosing it may cost; null unless all are rates with enough data. */
export function findBest(arms: readonly ArmMeasurement[], better: Better): readonly Best[] | null {
  const rates = arms.flatMap((arm) => (arm.kind === 'proportion' ? [arm] : []));
  const [first] = rates;
  if (first === undefined || rates.length < arms.length) return null;
  if (rates.some(({ progress }) => shortageOf(first.progress, progress, 'proportion') !== null)) return null;

  const posteriors = rates.map(({ counts }) => {
    const posterior = createPosterior(counts);
    return better === 'higher' ? posterior : mirrored(posterior);
  });
  return posteriors.map((posterior) => {
    const others = posteriors.filter((other) => other !== posterior);
    return { chance: chanceToBeBest(posterior, others), expectedLoss: expectedLoss(posterior, others) };
  });
}
