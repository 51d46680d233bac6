import { noEvidence, type Strictness } from './evidence.ts';
import type { Evidence, Side } from '../../shared/contract/statistics.ts';
import { criticalZ, normalDensity, normalUpperQuantile, normalUpperTail } from '../numeric/distributions.ts';
import { measure, type MeasuredPair, type Pair } from '../pair.ts';
import { createPosterior, type Posterior, transformed } from './posterior.ts';
import type { Proportion } from '../rates.ts';
import { ratioLift } from '../means.ts';
import { requireBetween0And1 } from '../numeric/domain.ts';
import type { BoundedEstimate } from '../estimate.ts';
import { createGaussLegendre, findRootNear, integrate } from '../numeric/solve.ts';

/**
 * Beliefs after the data, from flat priors: Beta(1, 1) for rates, the normal of large samples for means. Decided when the
 * central credible interval excludes zero, that is, when the chance to be above is over 1 - alpha/2 or under alpha/2.
 */
export function weighBayesian(pair: Pair, { alpha }: Strictness): Evidence {
  return pair.kind === 'proportion' ? weighRates(pair.control, pair.variant, alpha) : weighMeans(measure(pair), alpha);
}

function weighRates(control: Proportion, variant: Proportion, alpha: number): Evidence {
  const [a, b] = [createPosterior(control), createPosterior(variant)];
  const chanceAbove = chanceToBeBest(b, [a]);
  return {
    alpha,
    p: null,
    contradictory: false,
    difference: credibleDifference(a, b, alpha),
    lift: credibleLift(a, b, alpha),
    chanceAbove,
    losses: { choosingVariant: expectedLoss(b, [a]), choosingControl: expectedLoss(a, [b]) },
    side: sideOf(chanceAbove, chanceToBeBest(a, [b]), alpha),
  };
}

function weighMeans({ control, variant, difference, standardError }: MeasuredPair, alpha: number): Evidence {
  if (standardError === 0) return noEvidence('all units have the same value', alpha);

  const z = difference / standardError;
  const multiplier = criticalZ(alpha);
  const margin = multiplier * standardError;
  const chanceAbove = normalUpperTail(-z);
  return {
    alpha,
    p: null,
    contradictory: false,
    difference: { value: difference, low: difference - margin, high: difference + margin },
    lift: ratioLift(control, variant, multiplier),
    chanceAbove,
    losses: {
      choosingVariant: standardError * normalLoss(z),
      choosingControl: standardError * normalLoss(-z),
    },
    side: sideOf(chanceAbove, normalUpperTail(z), alpha),
  };
}

/** E[max(0, -X)] for X normal with mean z and deviation 1. */
function normalLoss(z: number): number {
  return Math.max(0, normalDensity(z) - z * normalUpperTail(z));
}

function sideOf(chanceAbove: number, chanceBelow: number, alpha: number): Side {
  if (chanceBelow < alpha / 2) return 'above';
  if (chanceAbove < alpha / 2) return 'below';
  return 'undecided';
}

const rule = createGaussLegendre(64);

/** A posterior this much narrower than another is a step to its 64 nodes, so the integral is cut at its ends. */
const stepBelow = 0.7;

/**
 * P(this arm's rate is above all others'): the integral of its density times the others' distribution functions, by
 * 64-node Gauss-Legendre. With one other arm that is P(B > A). 1 without others.
 */
export function chanceToBeBest(arm: Posterior, others: readonly Posterior[]): number {
  const narrower = others.filter((other) => other.deviation < stepBelow * arm.deviation);
  const cuts = narrower.flatMap(({ low, high }) => [low, high]);
  const chance = integrateInPieces(
    (rate) => others.reduce((product, other) => product * other.below(rate), arm.density(rate)),
    arm,
    cuts,
  );
  return Math.min(1, chance);
}

/**
 * What choosing this arm is expected to cost in rate if another is better: E[max(all) - arm]. As an integral of
 * F(arm) · (1 - product of F(others)), which has no differences of nearly equal numbers, so a small loss keeps its
 * digits. 0 without others.
 */
export function expectedLoss(arm: Posterior, others: readonly Posterior[]): number {
  const high = Math.max(arm.low, ...others.map((other) => other.high));
  const someOtherIsAbove = (rate: number): number =>
    -Math.expm1(others.reduce((sum, other) => sum + Math.log1p(-other.above(rate)), 0));
  return integrateInPieces(
    (rate) => arm.below(rate) * someOtherIsAbove(rate),
    { low: arm.low, high },
    [arm, ...others].flatMap((posterior) => [posterior.low, posterior.high]),
  );
}

/**
 * The difference of two rates, variant - control: difference of the posterior means with the central credible interval
 * of 1 - alpha. Leaves 0 out exactly when P(B > A) is above 1 - alpha/2 or below alpha/2. alpha in (0, 1), else a
 * DomainError.
 */
export function credibleDifference(control: Posterior, variant: Posterior, alpha: number): BoundedEstimate {
  requireBetween0And1('alpha', alpha);
  return {
    value: variant.mean - control.mean,
    low: lowDifference(control, variant, alpha / 2),
    // What the variant is above the control at most, the control is below the variant at least.
    high: -lowDifference(variant, control, alpha / 2),
  };
}

/**
 * The relative lift, variant / control - 1: ratio of the posterior means with the central credible interval of
 * 1 - alpha. Agrees with `credibleDifference` about zero. Defined also where nobody converted, as the prior leaves
 * no rate at 0. alpha in (0, 1), else a DomainError.
 */
export function credibleLift(control: Posterior, variant: Posterior, alpha: number): BoundedEstimate {
  requireBetween0And1('alpha', alpha);
  return {
    value: variant.mean / control.mean - 1,
    low: Math.expm1(lowLogRatio(control, variant, alpha / 2)),
    high: Math.expm1(-lowLogRatio(variant, control, alpha / 2)),
  };
}

/** The difference `to` - `from` that is undercut with chance `tail`. */
function lowDifference(from: Posterior, to: Posterior, tail: number): number {
  const chanceBelow = (difference: number): number => chanceToBeBest(transformed(from, { shift: difference }), [to]);
  return quantile(chanceBelow, tail, to.mean - from.mean, Math.hypot(from.deviation, to.deviation));
}

/** The same for the logarithm of `to` / `from`, in which a ratio of rates is nearly symmetric. */
function lowLogRatio(from: Posterior, to: Posterior, tail: number): number {
  const chanceBelow = (logRatio: number): number =>
    chanceToBeBest(transformed(from, { factor: Math.exp(logRatio) }), [to]);
  const spread = Math.hypot(from.deviation / from.mean, to.deviation / to.mean);
  return quantile(chanceBelow, tail, Math.log(to.mean / from.mean), spread);
}

/** Where `chanceBelow` is `tail`, for a distribution of about this center and spread. */
function quantile(chanceBelow: (x: number) => number, tail: number, center: number, spread: number): number {
  const wanted = normalUpperQuantile(tail);
  // As a normal quantile the chance is nearly a straight line, so the search takes few steps.
  const excess = (x: number): number =>
    wanted - normalUpperQuantile(Math.min(1 - Number.EPSILON, Math.max(Number.MIN_VALUE, chanceBelow(x))));
  return findRootNear(excess, center - wanted * spread, spread / 4, 1e-11 * spread);
}

function integrateInPieces(
  f: (rate: number) => number,
  { low, high }: { readonly low: number; readonly high: number },
  cuts: readonly number[],
): number {
  const inside = cuts.filter((cut) => cut > low && cut < high).sort((a, b) => a - b);
  let [sum, start] = [0, low];
  for (const end of [...inside, high]) {
    if (end > start) sum += integrate(f, start, end, rule);
    start = end;
  }
  return sum;
}
