import { DomainError, requireCount } from './numeric/domain.ts';
import { criticalZ, normalTwoSidedP } from './numeric/distributions.ts';
import { type BoundedEstimate, undetermined } from './estimate.ts';
import type { Undetermined } from '../shared/contract/statistics.ts';
import { findFallingRoot, findRoot } from './numeric/solve.ts';

/** So many of so many: at least one participant, and no more conversions than participants. */
export interface Proportion {
  readonly conversions: number;
  readonly participants: number;
}

/** The share that converted. Anything that is not a proportion is a DomainError. */
export function rateOf({ conversions, participants }: Proportion): number {
  requireCount('conversions', conversions);
  requireCount('participants', participants);
  if (participants === 0) throw new DomainError('participants', 'at least 1', participants);
  if (conversions > participants) throw new DomainError('conversions', `at most ${participants}`, conversions);
  return conversions / participants;
}

/**
 * The pooled two-proportion z test (Pearson's chi-squared with its root's sign), p two-sided by erfc.
 * Equal rates give z = 0 and p = 1, also where nobody or everybody converted.
 */
export function pooledZTest(control: Proportion, variant: Proportion): { readonly z: number; readonly p: number } {
  const difference = rateOf(variant) - rateOf(control);
  if (difference === 0) return { z: 0, p: 1 };

  const total = control.participants + variant.participants;
  const pooled = (control.conversions + variant.conversions) / total;
  // Counted from the failures, as 1 - pooled has no digits left when nearly all convert.
  const pooledFailures = (total - control.conversions - variant.conversions) / total;
  const z = difference / Math.sqrt(pooled * pooledFailures * (1 / control.participants + 1 / variant.participants));
  return { z, p: normalTwoSidedP(z) };
}

/**
 * The score interval of one rate, Wilson 1927: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
 * Lies in [0, 1] and has a width also for 0 of n. A DomainError if it is no proportion or alpha is not in (0, 1).
 */
export function wilsonInterval(proportion: Proportion, alpha: number): BoundedEstimate {
  const rate = rateOf(proportion);
  const n = proportion.participants;
  const z2 = criticalZ(alpha) ** 2;

  const center = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const margin = Math.sqrt(z2 * ((rate * (1 - rate)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  // With nobody or everybody converted one end is the rate itself, which rounding must not pass.
  return {
    value: rate,
    low: rate === 0 ? 0 : Math.max(0, center - margin),
    high: rate === 1 ? 1 : Math.min(1, center + margin),
  };
}

/**
 * The difference of two rates, variant - control, with the hybrid interval of Newcombe 1998 (his method 10):
 * each end is as far away as the two Wilson intervals together say. Lies in [-1, 1].
 * Good coverage, but no test stands behind it: at the edge it can disagree with the z test, so no verdict uses it.
 */
export function newcombeDifference(control: Proportion, variant: Proportion, alpha: number): BoundedEstimate {
  const a = wilsonInterval(control, alpha);
  const b = wilsonInterval(variant, alpha);
  const value = b.value - a.value;
  return {
    value,
    low: value - Math.hypot(b.value - b.low, a.high - a.value),
    high: value + Math.hypot(b.high - b.value, a.value - a.low),
  };
}

/**
 * The relative lift, variant / control - 1, with the score interval of Koopman 1984: all ratios that the score
 * test does not reject. At ratio 1 that test is the pooled z test, so the interval excludes 0 exactly
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

  const rate = controlRateAtRatio(control, variant, ratio);
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
function controlRateAtRatio(control: Proportion, variant: Proportion, ratio: number): number {
  const a = control.participants + variant.conversions;
  const b = variant.participants + control.conversions;
  const failures = (control.participants - control.conversions) * (variant.participants - variant.conversions);
  const root = Math.sqrt((ratio * b - a) ** 2 + 4 * ratio * failures);
  const rate = (2 * (control.conversions + variant.conversions)) / (a + ratio * b + root);
  return Math.min(1, rate);
}

/**
 * The difference of two rates, variant - control, with the score interval of Mee 1984: all differences that the
 * score test does not reject. At 0 that test is the pooled z test, so the interval excludes 0 exactly when
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

  const rate = controlRateAtDifference(control, variant, difference);
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
function controlRateAtDifference(control: Proportion, variant: Proportion, difference: number): number {
  const participants = control.participants + variant.participants;
  return findFallingRoot(
    (rate) => slopeOfLikelihood(control, rate) + slopeOfLikelihood(variant, rate + difference),
    (rate) => curvatureOfLikelihood(control, rate) + curvatureOfLikelihood(variant, rate + difference),
    (control.conversions + variant.conversions - variant.participants * difference) / participants,
    Math.max(0, -difference),
    Math.min(1, 1 - difference),
  );
}

function slopeOfLikelihood({ conversions, participants }: Proportion, unroundedRate: number): number {
  const rate = Math.min(1, Math.max(0, unroundedRate));
  const failures = participants - conversions;
  return (conversions === 0 ? 0 : conversions / rate) - (failures === 0 ? 0 : failures / (1 - rate));
}

function curvatureOfLikelihood({ conversions, participants }: Proportion, unroundedRate: number): number {
  const rate = Math.min(1, Math.max(0, unroundedRate));
  const failures = participants - conversions;
  return -(conversions === 0 ? 0 : conversions / rate ** 2) - (failures === 0 ? 0 : failures / (1 - rate) ** 2);
}
