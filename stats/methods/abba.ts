import erfc from '@stdlib/math-base-special-erfc';
import { type BoundedEstimate, excludesZero, undetermined } from '../estimate.ts';
import { noEvidence, type Strictness } from './evidence.ts';
import type { Evidence, Undetermined } from '../../shared/contract/statistics.ts';
import type { Pair } from '../pair.ts';
import { DomainError, requireBetween0And1, requireCount } from '../numeric/domain.ts';
import { normalDensity, normalUpperQuantile } from '../numeric/distributions.ts';
import { type Proportion, rateOf } from '../rates.ts';

/**
 * Abba's own p and interval. They come from two different tests and can contradict each other near the edge; then
 * neither is followed, and the evidence says so.
 */
export function weighByAbba(pair: Pair, { alpha, variants }: Strictness): Evidence {
  if (pair.kind === 'mean') return noEvidence('Abba compares rates, not means', alpha);

  const lift = abbaImprovement(pair.control, pair.variant, abbaMultiplier(alpha, variants));
  const p = abbaP(pair.control, pair.variant, variants);
  const pSays = p < alpha;
  // Without a conversion in the control there is no interval, and the p alone decides.
  const intervalSays = lift.value === null ? pSays : excludesZero(lift);
  const isAbove = lift.value === null ? rateOf(pair.variant) > rateOf(pair.control) : lift.low > 0;
  return {
    alpha,
    chanceAbove: null,
    losses: null,
    difference: undetermined('Abba gives a relative improvement only'),
    lift,
    p,
    side: !intervalSays || !pSays ? 'undecided' : isAbove ? 'above' : 'below',
    contradictory: intervalSays !== pSays,
  };
}

/** The probability that Abba leaves out at the ends of its sum, and adds to every p instead. */
const leftOut = 1e-5;
const sumEveryCountBelow = 1000;
const largestExactBinomial = 100;

/**
 * The multiplier of all of Abba's intervals: the normal quantile of 1 - alpha/(2m), m the number of comparisons
 * (variants that are not the baseline, at least 1; 1 without correction). alpha in (0, 1) and m a count from 1, else a
 * DomainError.
 */
export function abbaMultiplier(alpha: number, comparisons: number): number {
  requireBetween0And1('alpha', alpha);
  requireComparisons(comparisons);
  return normalUpperQuantile(alpha / (2 * comparisons));
}

interface AgrestiCoull {
  readonly center: number;
  readonly standardError: number;
}

/** Agresti and Coull 1998: the rate after adding z² people, half of them converted. */
function agrestiCoull({ conversions, participants }: Proportion, z: number): AgrestiCoull {
  const people = participants + z * z;
  const center = (conversions + (z * z) / 2) / people;
  return { center, standardError: Math.sqrt((center * (1 - center)) / people) };
}

/** Abba's rate: the plain rate with the Agresti-Coull interval, whose ends may lie outside [0, 1] (clamp for display). */
export function abbaRate(proportion: Proportion, z: number): BoundedEstimate {
  const { center, standardError } = agrestiCoull(proportion, z);
  return { value: rateOf(proportion), low: center - z * standardError, high: center + z * standardError };
}

/**
 * Abba's relative improvement over the baseline: plain rates for the value, Agresti-Coull rates for the interval, in
 * units of the baseline's. It is not the dual of `abbaP`. Undetermined when nobody converted in the baseline.
 */
export function abbaImprovement(baseline: Proportion, variant: Proportion, z: number): BoundedEstimate | Undetermined {
  const [baselineRate, variantRate] = [rateOf(baseline), rateOf(variant)];
  if (baselineRate === 0) return undetermined('the control has no conversion, and a lift is relative to it');

  const [a, b] = [agrestiCoull(baseline, z), agrestiCoull(variant, z)];
  const margin = z * Math.hypot(a.standardError, b.standardError);
  return {
    value: (variantRate - baselineRate) / baselineRate,
    low: (b.center - a.center - margin) / a.center,
    high: (b.center - a.center + margin) / a.center,
  };
}

/**
 * Abba's two-sided p: over all counts k the baseline could have had under the pooled rate, the chance that the variant
 * is at least as far away as observed, corrected for m comparisons, plus 1e-5. In [1e-5, 1]; 1 for equal rates. Takes
 * time with the square root of the baseline's participants. Not a proportion, or m below 1: a DomainError.
 */
export function abbaP(baseline: Proportion, variant: Proportion, comparisons: number): number {
  requireComparisons(comparisons);
  const distance = Math.abs(rateOf(variant) - rateOf(baseline));
  if (distance === 0) return 1;

  const [n0, n1] = [baseline.participants, variant.participants];
  const pooled = (baseline.conversions + variant.conversions) / (n0 + n1);
  const first = binomial(n0, pooled);
  const second = binomial(n1, pooled);
  const [from, to] = countsToSum(n0, pooled);

  let sum = 0;
  for (let k = from; k <= to; k++) {
    const rate = k / n0;
    const lower = Math.floor((rate - distance) * n1);
    const upper = Math.ceil((rate + distance) * n1);
    const asFar = Math.min(1, second.atMost(lower) + 1 - second.atMost(upper - 1));
    sum += first.exactly(k) * -Math.expm1(comparisons * Math.log1p(-asFar));
  }
  return Math.min(1, sum + leftOut);
}

/** The baseline counts worth summing: all of a small n, else those between the two tails of `leftOut` / 2. */
function countsToSum(n: number, rate: number): [from: number, to: number] {
  if (n < sumEveryCountBelow) return [0, n];
  const reach = normalUpperQuantile(leftOut / 2) * Math.sqrt(n * rate * (1 - rate));
  return [Math.max(0, Math.floor(n * rate - reach)), Math.min(n, Math.ceil(n * rate + reach))];
}

interface Binomial {
  exactly(k: number): number;
  atMost(k: number): number;
}

function binomial(n: number, rate: number): Binomial {
  return n <= largestExactBinomial ? exactBinomial(n, rate) : normalBinomial(n, rate);
}

/**
 * Term by term from the end where the terms start large enough to be told from 0. n is small, and 0 < rate < 1 as the
 * two observed rates differ.
 */
function exactBinomial(n: number, rate: number): Binomial {
  const rarer = Math.min(rate, 1 - rate);
  let term = (1 - rarer) ** n;
  const counted: number[] = [];
  for (let k = 0; k <= n; k++) {
    counted.push(term);
    term *= ((n - k) / (k + 1)) * (rarer / (1 - rarer));
  }
  const terms = rate > 0.5 ? counted.reverse() : counted;
  let sum = 0;
  const sums = terms.map((each) => (sum += each));
  return {
    exactly: (k) => terms[k] ?? 0,
    atMost: (k) => (k < 0 ? 0 : k >= n ? 1 : (sums[k] ?? 1)),
  };
}

/** The normal approximation with half a count added, cut to 0..n. */
function normalBinomial(n: number, rate: number): Binomial {
  const mean = n * rate;
  const deviation = Math.sqrt(n * rate * (1 - rate));
  const distribution = (x: number): number => erfc((mean - x) / deviation / Math.SQRT2) / 2;
  const below = distribution(-0.5);
  const above = erfc((n + 0.5 - mean) / deviation / Math.SQRT2) / 2;
  return {
    exactly: (k) => normalDensity((k - mean) / deviation) / deviation,
    atMost: (k) => (k < 0 ? 0 : k >= n ? 1 : (distribution(k + 0.5) - below) / (1 - below - above)),
  };
}

function requireComparisons(comparisons: number): void {
  requireCount('the number of comparisons', comparisons);
  if (comparisons === 0) throw new DomainError('the number of comparisons', 'at least 1', comparisons);
}
