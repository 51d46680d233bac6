import type { Effect } from '../../contract/report/conclusion.ts';
import { percent, threeDigits } from '../../contract/figures.ts';
import { metricKinds } from '../../contract/statistics.ts';
import { momentsOf, type Tally } from '../tally.ts';
import { signed } from './reasons.ts';
import type { Told } from './standings.ts';

const DAYS_A_MONTH = 30;

/** @param participantsPerDay of all variants; undefined where nobody knows */
export function effectOf(
  { goal }: Told,
  variant: string,
  baseline: string,
  { tally, participantsPerDay }: { tally: Tally; participantsPerDay: number | undefined },
): Effect | null {
  const [control, measured] = [baseline, variant].map((name) =>
    meanOf(
      goal.report.arms.find((arm) => arm.name === name),
      goal,
      tally,
    ),
  );
  if (control === undefined || measured === undefined) return null;
  const difference = measured - control;
  return {
    goal: goal.label,
    variant,
    unit: metricKinds[goal.metric] === 'rate' ? 'points' : 'mean',
    control,
    measured,
    difference,
    perMonth: participantsPerDay === undefined ? null : difference * participantsPerDay * DAYS_A_MONTH,
    valuePerVisitor: goal.metric === 'sum' ? null : valueDifference(goal.name, variant, baseline, tally),
  };
}

type Arm = Told['goal']['report']['arms'][number];

function meanOf(arm: Arm | undefined, { name, metric }: Told['goal'], tally: Tally): number | undefined {
  if (arm === undefined || arm.units === 0) return undefined;
  if (metricKinds[metric] === 'rate') return arm.converted / arm.units;
  const moments = momentsOf(tally, arm.name, name);
  return moments && (metric === 'n' ? moments.sumN : moments.sumV) / arm.units;
}

function valueDifference(goal: string, variant: string, baseline: string, tally: Tally): number | null {
  const [b, a] = [momentsOf(tally, variant, goal), momentsOf(tally, baseline, goal)];
  if (!a || !b || a.units === 0 || b.units === 0 || (a.sumV2 === 0 && b.sumV2 === 0)) return null;
  const difference = b.sumV / b.units - a.sumV / a.units;
  return Number.isFinite(difference) ? difference : null;
}

/** `purchase +1.7 points (10 % to 11.7 %): about 390 more in 30 days, +0.79 in value a visitor` */
export function effectText({ goal, unit, control, measured, difference, perMonth, valuePerVisitor }: Effect): string {
  const figures =
    unit === 'points'
      ? `${signed(difference * 100)} points (${percent(control)} to ${percent(measured)})`
      : `${signed(difference)} a visitor (${threeDigits(control)} to ${threeDigits(measured)})`;
  const month =
    perMonth === null || Math.abs(perMonth) < 1
      ? ''
      : `: about ${Number(Math.abs(perMonth).toPrecision(2)).toLocaleString('en')} ${perMonth > 0 ? 'more' : 'fewer'} in 30 days`;
  const value = valuePerVisitor === null ? '' : `, ${signed(valuePerVisitor)} in value a visitor`;
  return `${goal} ${figures}${month}${value}`;
}
