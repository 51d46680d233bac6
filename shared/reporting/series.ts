import type { DayCount } from '../counting/counters.ts';
import { EXPOSURE } from '../contract/event.ts';
import { createContest } from '../../stats/pair.ts';
import { metricKinds, type Estimate } from '../contract/statistics.ts';
import type { Strictness } from '../../stats/methods/evidence.ts';
import type { GoalCounts } from '../../stats/experiment.ts';
import { measureArm } from '../../stats/measurement.ts';
import { weigh } from '../../stats/methods/weigh.ts';
import { analyzeFamily } from './analyze.ts';
import type { SeriesAnswer, VariantSeries } from '../contract/answers.ts';
import { arrange, type ArrangedGoal, arrangeGoal, type Arrangement, usualMetric } from './arrange.ts';
import { settingsOf } from './conclude.ts';
import { exposuresOf, participantsOf, participationOf } from './participation.ts';
import type { CountedDays } from './read-counted.ts';
import { conversionsOf, countOf, momentsOf, readTally, type Tally, withImported } from './tally.ts';
import { DAY_MS } from './warnings/facts.ts';

/** @throws RequestError for a baseline that is no variant */
export function answerSeries(counted: CountedDays, view: { goal?: string; baseline?: string }): SeriesAnswer {
  const { ref, stored, notes, span } = counted;
  const read = withImported(readTally(counted.tally), counted.imported);
  const participants = participationOf(read, counted.exposed);
  const tally = { ...read, participantsAre: participants.are };
  const arrangement = arrange(tally, { definition: stored?.definition, notes }, view.baseline);
  const goal = view.goal === undefined ? undefined : findGoal(view.goal, arrangement, tally);
  const settings = { ...settingsOf(stored, tally, span), method: 'sequential', alsoMethods: [], brief: true } as const;
  const alpha = settings.alpha ?? 0.05;
  const days = daysBetween(counted.days.map(({ day }) => day));
  const series = arrangement.variants.map(({ name }) => countDays(name, days, goal?.name, counted.days));

  const strictness = goal ? strictnessOf(goal, { arrangement, tally, settings }, alpha) : new Map<string, Strictness>();
  const [control] = series;
  // By day nobody knows who comes or converts again: where that is more than a few, no rate and no lift by day is true.
  const repeats = goal !== undefined && series.some(({ name }) => !isOfVisitors(tally, name, goal));
  const unknown = days.map(() => null);
  return {
    namespace: ref.namespace,
    name: ref.experiment,
    goal: goal?.name ?? null,
    better: goal?.better ?? 'higher',
    baseline: arrangement.baseline ?? null,
    alpha,
    days,
    variants: series.map((variant) => {
      const how = strictness.get(variant.name);
      const compares = goal && control && how && variant !== control && !repeats;
      const lift = compares ? liftOf(goal, control, variant, how) : unknown;
      return { ...variant, rate: repeats ? unknown : rateOf(variant), lift };
    }),
  };
}

/** The days' counts are plain, so that they are the goal's rate also where it is judged by a mean. */
function findGoal(name: string, { goals }: Arrangement, tally: Tally): ArrangedGoal {
  const same = goals.filter((goal) => goal.name === name);
  return (
    same.find(({ metric }) => metricKinds[metric] === 'rate') ??
    arrangeGoal({ name, better: same[0]?.better ?? 'higher' }, 'other', usualMetric(tally))
  );
}

/** As many events more than visitors, of a hundred, change nothing that is seen in a chart. */
const FEW = 0.01;

/** Whether a variant's plain counts, of which the days are, are those of the verdict: one exposure and one goal a visitor. */
function isOfVisitors(tally: Tally, variant: string, { name, metric }: ArrangedGoal): boolean {
  const participants = participantsOf(tally, variant);
  const converted =
    metric === 'pct' ? (momentsOf(tally, variant, name)?.converted ?? 0) : conversionsOf(tally, variant, name);
  const [exposures, goals] = [exposuresOf(tally, variant), countOf(tally, variant, name) || 0];
  return Math.abs(exposures - participants) <= FEW * participants && Math.abs(goals - converted) <= FEW * converted;
}

/** How strict the experiment's verdicts on the goal are today: so the band ends where the verdict's interval is. */
function strictnessOf(
  goal: ArrangedGoal,
  subject: Parameters<typeof analyzeFamily>[1] & { tally: Tally },
  alpha: number,
): ReadonlyMap<string, Strictness> {
  const { arrangement, settings } = subject;
  const family = arrangement.goals.filter(({ set }) => (set === 'other') === (goal.set === 'other'));
  const judged = analyzeFamily(family, subject).goals.find(({ id }) => id === goal.id);
  const variants = settings.correction === 'none' ? 1 : Math.max(1, arrangement.variants.length - 1);
  return new Map(
    arrangement.variants.map(({ name }) => {
      const arm = judged?.report.arms.find((candidate) => candidate.name === name);
      return [name, { alpha, ownAlpha: arm?.comparison?.evidence.sequential?.alpha ?? alpha, variants }];
    }),
  );
}

type DailyCounts = Pick<VariantSeries, 'name' | 'participants' | 'conversions'>;

function countDays(
  variant: string,
  days: readonly string[],
  goal: string | undefined,
  counts: readonly DayCount[],
): DailyCounts {
  const own = counts.filter((count) => count.variant === variant);
  const daily = (event: string | undefined) => {
    const byDay = new Map(own.filter((count) => count.event === event).map(({ day, count }) => [day, count]));
    return days.map((day) => byDay.get(day) ?? 0);
  };
  return { name: variant, participants: daily(EXPOSURE), conversions: daily(goal) };
}

function rateOf({ participants, conversions }: DailyCounts): (number | null)[] {
  const [units, converted] = [cumulative(participants), cumulative(conversions)];
  return units.map((n, i) => {
    const x = converted[i] ?? 0;
    return n === 0 || x > n ? null : x / n;
  });
}

/** The cumulative lift over the control at the end of each day. */
function liftOf(
  goal: ArrangedGoal,
  control: DailyCounts,
  variant: DailyCounts,
  strictness: Strictness,
): (Estimate | null)[] {
  const counts: GoalCounts = { name: goal.name, metric: 'conversions', set: 'primary', better: goal.better, arms: [] };
  const arms = [control, variant].map(({ name, participants, conversions }) => {
    const [units, converted] = [cumulative(participants), cumulative(conversions)];
    return units.map((n, i) => measureArm('conversions', n, { name, conversions: converted[i] ?? 0 }));
  });
  const [controls = [], variants = []] = arms;
  return variants.map((measured, i) => {
    const against = controls[i];
    const contest = against && createContest(counts, against, measured);
    if (contest?.state !== 'ready') return null;
    const { lift } = weigh('sequential', contest.pair, strictness);
    return lift.value === null ? null : lift;
  });
}

function cumulative(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => (sum += count));
}

/** Every UTC day from the first to the last of those given. */
function daysBetween(given: readonly string[]): string[] {
  const times = given.map((day) => Date.parse(`${day}T00:00:00Z`)).filter((time) => !Number.isNaN(time));
  if (times.length === 0) return [];
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  return Array.from({ length: (last - first) / DAY_MS + 1 }, (_, i) =>
    new Date(first + i * DAY_MS).toISOString().slice(0, 10),
  );
}
