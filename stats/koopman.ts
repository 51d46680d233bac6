import { undetermined, type BoundedEstimate } from './estimate';
import type { Undetermined } from '../shared/contract/statistics.ts';
import { criticalZ } from './normal';
import { rateOf, type Proportion } from './proportion';
import { findRoot } from './root';

/**
 * The relative lift, variant / control - 1, with the score interval of Koopman 1984: all ratios that the score
 * test does not reject. At ratio 1 that test is the pooled z test, so the interval leaves 0 out exactly
 * when p < alpha. Undetermined when the control has no conversion: there is nothing to divide by.
 */
export function koopmanLift(control: Proportion, variant: Proportion, alpha: number): BoundedEstimate | Undetermined {
  const ratio = rateOf(variant) / rateOf(control);
  if (control.conversions === 0) return undetermined('the control has no conversion, and a lift is relative to it');

  const z = criticalZ(alpha);
  const score = (candidate: number): number => scoreOfRatio(control, variant, candidate);
  let beyond = Math.max(1, ratio) * 2;
  while (score(beyond) > -z) beyond *= 2;

  return {
    value: ratio - 1,
    low: ratio === 0 ? -1 : findRoot((candidate) => score(candidate) - z, 0, ratio) - 1,
    high: findRoot((candidate) => score(candidate) + z, ratio, beyond) - 1,
  };
}

/** The signed score statistic of the hypothesis that the variant's rate is `ratio` times the control's. */
function scoreOfRatio(control: Proportion, variant: Proportion, ratio: number): number {
  const distance = rateOf(variant) - ratio * rateOf(control);
  if (ratio === 0) return Infinity;

  const rate = controlRateGiven(control, variant, ratio);
  const variantRate = Math.min(1, ratio * rate);
  const variance =
    (variantRate * (1 - variantRate)) / variant.participants + (ratio ** 2 * rate * (1 - rate)) / control.participants;
  if (distance === 0) return 0;
  return distance / Math.sqrt(variance);
}

/**
 * The likeliest rate of the control if the variant's is `ratio` times it: the smaller root of
 * ratio·N·r² - (a + b·ratio)·r + x = 0, in the form that loses no digits (the discriminant as a sum of squares).
 */
function controlRateGiven(control: Proportion, variant: Proportion, ratio: number): number {
  const a = control.participants + variant.conversions;
  const b = variant.participants + control.conversions;
  const failures = (control.participants - control.conversions) * (variant.participants - variant.conversions);
  const root = Math.sqrt((ratio * b - a) ** 2 + 4 * ratio * failures);
  const rate = (2 * (control.conversions + variant.conversions)) / (a + ratio * b + root);
  return Math.min(1, rate);
}
