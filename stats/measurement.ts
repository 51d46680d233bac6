import { threeDigits } from '../shared/contract/figures.ts';
import { DomainError, requireCount } from './numeric/domain.ts';
import type { GoalArmCounts, Moments } from './experiment.ts';
import type { Metric } from '../shared/contract/statistics.ts';
import type { Proportion } from './rates.ts';
import { meanOf, type Sample } from './means.ts';

type UnitMetric = Exclude<Metric, 'conversions'>;
type MeanMetric = Exclude<UnitMetric, 'pct'>;

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
    const perUnit = participants === 0 ? '' : ` (${threeDigits(conversions / participants)} each)`;
    const counts = `${conversions} conversions of ${participants} participants${perUnit}`;
    return { kind: 'invalid', reason: `${counts} are no rate; use the mean per unit (metric n)`, progress };
  }
  return { kind: 'proportion', counts: { conversions, participants }, progress };
}

/** What each mean is of: a number on every unit, by its sum and the sum of its squares. */
const samples: Record<MeanMetric, (moments: Moments) => Omit<Sample, 'units'>> = {
  n: ({ sumN, sumN2 }) => ({ sum: sumN, sumOfSquares: sumN2 }),
  sum: ({ sumV, sumV2 }) => ({ sum: sumV, sumOfSquares: sumV2 }),
};

function measureMoments(metric: UnitMetric, moments: Moments): ArmMeasurement {
  const { units, converted } = moments;
  const share = asProportion(converted, units);
  if (metric === 'pct' || share.kind === 'invalid') return share;

  const counts = { units, ...samples[metric](moments) };
  if (units > 0) meanOf(counts);
  return { kind: 'mean', counts, progress: share.progress };
}

function invalidArm(reason: string): ArmMeasurement {
  return { kind: 'invalid', reason, progress: { units: 0, converted: 0 } };
}

/** Below this many units in the larger arm no difference is shown. */
export const fewestUnits = 150;

/**
 * Below this many units with, or without, a conversion in an arm the normal approximations do not hold: counted, or
 * expected where both arms had the same rate (Cochran 1954).
 */
export const fewestOfAKind = 5;

/** How far an arm is: its units, and how many of them converted. */
export interface ArmProgress {
  readonly units: number;
  readonly converted: number;
}

/** Why there is too little data, and how often the present data are needed (null: cannot be said). */
export interface Shortage {
  readonly reason: string;
  readonly growth: number | null;
}

/**
 * What is missing before two arms may be compared: 150 units in the larger, and 5 converted and 5 not converted in each,
 * counted or expected. A goal that never happens in one arm is therefore decided once it has happened often enough in
 * the other. A mean needs the 5 converted, but not the 5 others. Null when nothing is missing.
 */
export function shortageOf(control: ArmProgress, variant: ArmProgress, kind: 'proportion' | 'mean'): Shortage | null {
  const missing = [
    missingUnits(control, variant),
    missingOfAKind(control, variant, 'converted units in', '', ({ converted }) => converted),
    kind === 'mean'
      ? null
      : missingOfAKind(
          control,
          variant,
          'units in',
          ' that did not convert',
          ({ units, converted }) => units - converted,
        ),
  ].filter((one) => one !== null);

  const [first] = missing;
  if (first === undefined) return null;
  const growth = Math.max(...missing.map((one) => one.growth));
  return {
    reason: `${first.has} of the ${first.needs} ${first.what} that a comparison needs`,
    growth: Number.isFinite(growth) ? growth : null,
  };
}

interface Missing {
  readonly has: number;
  readonly needs: number;
  readonly what: string;
  /** How often the present data would be enough; Infinity where they never would. */
  readonly growth: number;
}

function missingUnits(control: ArmProgress, variant: ArmProgress): Missing | null {
  const has = Math.max(control.units, variant.units);
  if (has >= fewestUnits) return null;
  return { has, needs: fewestUnits, what: 'units in the larger arm', growth: fewestUnits / has };
}

function missingOfAKind(
  control: ArmProgress,
  variant: ArmProgress,
  what: string,
  which: string,
  countOf: (arm: ArmProgress) => number,
): Missing | null {
  const arms = [
    { name: 'the control', has: countOf(control) },
    { name: 'this variant', has: countOf(variant) },
  ];
  const few = arms.find(({ has }) => has < fewestOfAKind);
  const all = countOf(control) + countOf(variant);
  const leastExpected = all * (Math.min(control.units, variant.units) / (control.units + variant.units));
  if (few === undefined || leastExpected >= fewestOfAKind) return null;
  const growth = Math.min(fewestOfAKind / leastExpected, Math.max(...arms.map(({ has }) => fewestOfAKind / has)));
  return { has: few.has, needs: fewestOfAKind, what: `${what} ${few.name}${which}`, growth };
}
