import { type Proportion, rateOf } from './rates.ts';
import { meanOf, type Measured, type Sample } from './means.ts';
import { type ArmMeasurement, type Shortage, shortageOf } from './measurement.ts';
import type { GoalCounts } from './experiment.ts';

/** Two arms measured in the same way: by a share of participants, or by a number on every unit. */
export type Pair =
  | { readonly kind: 'proportion'; readonly control: Proportion; readonly variant: Proportion }
  | { readonly kind: 'mean'; readonly control: Sample; readonly variant: Sample };

/** Both arms as a mean with its standard error, and the units of both together. */
export interface MeasuredPair {
  readonly control: Measured;
  readonly variant: Measured;
  readonly difference: number;
  /** Of the difference, each arm with its own variance. */
  readonly standardError: number;
  readonly units: number;
}

export function measure(pair: Pair): MeasuredPair {
  const [control, variant, units] =
    pair.kind === 'proportion'
      ? [measureRate(pair.control), measureRate(pair.variant), pair.control.participants + pair.variant.participants]
      : [meanOf(pair.control), meanOf(pair.variant), pair.control.units + pair.variant.units];
  return {
    control,
    variant,
    difference: variant.mean - control.mean,
    standardError: Math.hypot(control.standardError, variant.standardError),
    units,
  };
}

/** variant / control - 1, alone; null while the data define no interval around it. */
export function liftOf(pair: Pair): number | null {
  const { control, variant, standardError } = measure(pair);
  const ratio = variant.mean / control.mean;
  return control.mean > 0 && standardError > 0 && Number.isFinite(ratio) ? ratio - 1 : null;
}

function measureRate(proportion: Proportion): Measured {
  const rate = rateOf(proportion);
  const { conversions, participants } = proportion;
  return {
    mean: rate,
    standardError: Math.sqrt((rate * ((participants - conversions) / participants)) / participants),
  };
}

/** One variant against the baseline in one goal, and whether it can be held. */
export type Contest = { readonly goal: GoalCounts } & (
  | { readonly state: 'ready'; readonly pair: Pair }
  | { readonly state: 'short'; readonly shortage: Shortage }
  | { readonly state: 'invalid'; readonly reason: string }
);

export function createContest(goal: GoalCounts, control: ArmMeasurement, variant: ArmMeasurement): Contest {
  if (control.kind === 'invalid') return { goal, state: 'invalid', reason: `in the control, ${control.reason}` };
  if (variant.kind === 'invalid') return { goal, state: 'invalid', reason: variant.reason };

  const shortage = shortageOf(control.progress, variant.progress, control.kind);
  if (shortage !== null) return { goal, state: 'short', shortage };
  const pair = pairOf(control, variant);
  return pair
    ? { goal, state: 'ready', pair }
    : { goal, state: 'invalid', reason: 'the arms were measured in two ways' };
}

function pairOf(control: ArmMeasurement, variant: ArmMeasurement): Pair | null {
  if (control.kind === 'proportion' && variant.kind === 'proportion') {
    return { kind: 'proportion', control: control.counts, variant: variant.counts };
  }
  if (control.kind === 'mean' && variant.kind === 'mean') {
    return { kind: 'mean', control: control.counts, variant: variant.counts };
  }
  return null;
}
