import type { Definition } from '../contract/definition.ts';
import { unitMetrics, type Method, type SampleRatio, type Undetermined } from '../contract/statistics.ts';
import { isApproximate } from '../stores/dynamodb/imports.ts';
import { analyze } from '../../stats/analyze.ts';
import { undetermined } from '../../stats/estimate.ts';
import type { GoalCounts, Settings } from '../../stats/experiment.ts';
import type { GoalReport } from '../../stats/report.ts';
import { arrangeGoal, type ArrangedGoal, type Arrangement } from './arrange.ts';
import { participantsOf } from './participation.ts';
import { conversionsOf, momentsOf, type Tally } from './tally.ts';

/** A goal with what the statistics say of it. */
export interface AnalyzedGoal extends ArrangedGoal {
  report: GoalReport;
}

/** All goals and metrics of an experiment, in families that are corrected apart. */
export interface Analysis {
  sampleRatio: SampleRatio | Undetermined;
  /** In the order of the arrangement. */
  goals: AnalyzedGoal[];
  /** How else the goals can be measured on visitors. */
  metrics: AnalyzedGoal[];
}

export interface Subject {
  arrangement: Arrangement;
  /** Of all visitors, or of the segment that is asked for. */
  tally: Tally;
  settings: Settings;
}

/** The defined goals by themselves, then the others, then further metrics: none makes another's winner harder to find. */
export function analyzeAll(subject: Subject): Analysis {
  const { goals } = subject.arrangement;
  const main = analyzeFamily(
    goals.filter(({ set }) => set !== 'other'),
    subject,
  );
  const other = analyzeFamily(
    goals.filter(({ set }) => set === 'other'),
    subject,
  );
  const metrics = analyzeFamily(furtherMetrics(subject), subject);
  return { sampleRatio: main.sampleRatio, goals: [...main.goals, ...other.goals], metrics: metrics.goals };
}

/** Goals that are corrected for each other, guardrails among themselves. */
export function analyzeFamily(
  goals: readonly ArrangedGoal[],
  { arrangement: { baseline, variants }, tally, settings }: Subject,
): Pick<Analysis, 'sampleRatio' | 'goals'> {
  if (baseline === undefined) return { sampleRatio: undetermined('no participant yet'), goals: [] };
  // Counters that are off by a percent split unevenly by themselves.
  const approximate = tally.imported !== undefined && isApproximate(tally.imported);
  const arms = variants.map(({ name, weight }) => ({
    name,
    participants: participantsOf(tally, name),
    ...(weight !== undefined && !approximate && { weight }),
  }));
  const names = variants.map(({ name }) => name);
  const report = analyze({ baseline, arms, goals: goals.map((goal) => countsOf(goal, names, tally)) }, settings);
  return {
    sampleRatio: approximate
      ? undetermined('imported counts are approximate, and would raise false alarms')
      : report.sampleRatio,
    goals: goals.flatMap((goal, i) => {
      const own = report.goals[i];
      return own ? [{ ...goal, report: own }] : [];
    }),
  };
}

function countsOf({ name, metric, set, better }: ArrangedGoal, variants: readonly string[], tally: Tally): GoalCounts {
  const arms = variants.map((variant) => {
    const moments = momentsOf(tally, variant, name);
    return { name: variant, conversions: conversionsOf(tally, variant, name), ...(moments && { moments }) };
  });
  return { name, metric, set: set === 'other' ? 'secondary' : set, better, arms };
}

/** The metrics on visitors that are not goals themselves. Without units there are none, without values no sum. */
function furtherMetrics({ arrangement: { goals, variants }, tally }: Subject): ArrangedGoal[] {
  if (tally.visitors.size === 0) return [];
  const taken = new Set(goals.map(({ id }) => id));
  return [...new Map(goals.map((goal) => [goal.name, goal])).values()].flatMap((goal) =>
    unitMetrics
      .map((metric) => arrangeGoal({ ...describedAs(goal), metric }, goal.set))
      .filter(
        ({ id, name, metric }) =>
          !taken.has(id) &&
          (metric !== 'sum' || variants.some((variant) => momentsOf(tally, variant.name, name)?.sumV2)),
      ),
  );
}

function describedAs({ name, better, description }: ArrangedGoal) {
  return { name, better, ...(description !== undefined && { description }) };
}

export interface Wishes {
  /** Instead of the definition's. */
  method?: Method;
  participantsPerDay?: number;
}

/** Sequential and fixed evidence is always there; what costs more only where it is asked for. */
export function settingsFor(definition: Definition | undefined, { method, participantsPerDay }: Wishes): Settings {
  const { alpha, correction, smallestLift, power } = definition ?? {};
  return {
    method: method ?? definition?.method ?? 'sequential',
    alsoMethods: ['sequential', 'fixed'],
    ...(alpha !== undefined && { alpha }),
    ...(correction !== undefined && { correction }),
    ...(smallestLift !== undefined && { smallestLift }),
    ...(power !== undefined && { power }),
    ...(participantsPerDay !== undefined && { participantsPerDay }),
  };
}
