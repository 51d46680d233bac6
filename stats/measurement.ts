import { DomainError, requireCount } from './domain';
import type { ArmProgress } from './enough-data';
import type { GoalArmCounts, Moments } from './experiment';
import type { Metric } from '../shared/contract/statistics.ts';
import type { Proportion } from './proportion';
import { meanOf, type Sample } from './sample';

/** One arm of one goal, ready to be described and compared. */
export type ArmMeasurement =
  | { readonly kind: 'proportion'; readonly counts: Proportion; readonly progress: ArmProgress }
  | { readonly kind: 'mean'; readonly counts: Sample; readonly progress: ArmProgress }
  | { readonly kind: 'invalid'; readonly reason: string; readonly progress: ArmProgress };

/** Reads the counts of an arm as the metric asks. What cannot be read is `invalid`, with a reason for the reader. */
export function measureArm(metric: Metric, participants: number, goal: GoalArmCounts): ArmMeasurement {
  try {
    if (metric === 'conversions') return asProportion(goal.conversions, participants);
    if (goal.moments === undefined) {
      return invalidArm('this goal has no counts per unit, as its events carry no unit');
    }
    return measureMoments(metric, goal.moments);
  } catch (error) {
    if (error instanceof DomainError) return invalidArm(`impossible counts: ${error.message.replace(/\.$/, '')}`);
    throw error;
  }
}

function asProportion(conversions: number, participants: number): ArmMeasurement {
  requireCount('conversions', conversions);
  requireCount('participants', participants);
  const progress = { units: participants, converted: conversions };
  if (conversions > participants) {
    const perUnit = participants === 0 ? '' : ` (${Number((conversions / participants).toPrecision(3))} each)`;
    const counts = `${conversions} conversions of ${participants} participants${perUnit}`;
    return { kind: 'invalid', reason: `${counts} are no rate; use the mean per unit (metric n)`, progress };
  }
  return { kind: 'proportion', counts: { conversions, participants }, progress };
}

function measureMoments(metric: Exclude<Metric, 'conversions'>, moments: Moments): ArmMeasurement {
  const { units, converted } = moments;
  const share = asProportion(converted, units);
  if (metric === 'pct' || share.kind === 'invalid') return share;

  const counts =
    metric === 'n'
      ? { units, sum: moments.sumN, sumOfSquares: moments.sumN2 }
      : { units, sum: moments.sumV, sumOfSquares: moments.sumV2 };
  if (units > 0) meanOf(counts);
  return { kind: 'mean', counts, progress: share.progress };
}

function invalidArm(reason: string): ArmMeasurement {
  return { kind: 'invalid', reason, progress: { units: 0, converted: 0 } };
}
