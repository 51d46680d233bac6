import type { BoundedEstimate } from './estimate';
import { criticalZ } from './normal';
import { rateOf, type Proportion } from './proportion';
import { findRoot } from './root';

/**
 * The difference of two rates, variant - control, with the score interval of Mee 1984: all differences that the
 * score test does not reject. At 0 that test is the pooled z test, so the interval leaves 0 out exactly when
 * p < alpha, which Newcombe's does not promise. Lies in [-1, 1].
 */
export function scoreDifference(control: Proportion, variant: Proportion, alpha: number): BoundedEstimate {
  const value = rateOf(variant) - rateOf(control);
  const z = criticalZ(alpha);
  const score = (candidate: number): number => scoreOfDifference(control, variant, candidate);
  return {
    value,
    low: value === -1 ? -1 : findRoot((candidate) => score(candidate) - z, -1, value),
    high: value === 1 ? 1 : findRoot((candidate) => score(candidate) + z, value, 1),
  };
}

/** The signed score statistic of the hypothesis that the variant's rate is the control's plus `difference`. */
function scoreOfDifference(control: Proportion, variant: Proportion, difference: number): number {
  const distance = rateOf(variant) - rateOf(control) - difference;
  if (distance === 0) return 0;

  const rate = controlRateGiven(control, variant, difference);
  const variantRate = Math.min(1, Math.max(0, rate + difference));
  const variance =
    (rate * (1 - rate)) / control.participants + (variantRate * (1 - variantRate)) / variant.participants;
  return distance / Math.sqrt(variance);
}

/**
 * The likeliest rate of the control if the variant's is `difference` higher: where the slope of the likelihood
 * is zero. The slope falls all the way, so a root search is safe; the closed solution of the cubic is not (it
 * has no digits left at a rate of one in a million).
 */
function controlRateGiven(control: Proportion, variant: Proportion, difference: number): number {
  const slope = (rate: number): number =>
    slopeOfLikelihood(control, rate) + slopeOfLikelihood(variant, rate + difference);
  return findRoot(slope, Math.max(0, -difference), Math.min(1, 1 - difference));
}

function slopeOfLikelihood({ conversions, participants }: Proportion, unroundedRate: number): number {
  const rate = Math.min(1, Math.max(0, unroundedRate));
  const failures = participants - conversions;
  return (conversions === 0 ? 0 : conversions / rate) - (failures === 0 ? 0 : failures / (1 - rate));
}
