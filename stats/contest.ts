import { shortageOf, type Shortage } from './enough-data';
import type { GoalCounts } from './experiment';
import type { ArmMeasurement } from './measurement';
import type { Pair } from './pair';

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
