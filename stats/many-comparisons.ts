import type { Correction } from '../shared/contract/statistics.ts';
import { DomainError } from './numeric/domain.ts';

export interface Adjusted {
  readonly adjustedP: number;
  /** The alpha at which this comparison's own p and interval say what the adjusted p says. */
  readonly ownAlpha: number;
}

const adjustments: Record<Correction, (pValues: readonly number[]) => readonly number[]> = {
  holm: adjustHolm,
  'benjamini-hochberg': adjustBenjaminiHochberg,
  none: (pValues) => pValues,
};

/**
 * Corrects one family of comparisons, in the order given. A comparison without a p counts as one that shows nothing.
 * @param looks how many such families there are to choose from: each p is corrected for all of them (Bonferroni)
 */
export function correct(
  pValues: readonly (number | null)[],
  correction: Correction,
  alpha: number,
  looks = 1,
): Adjusted[] {
  const known = pValues.map((p) => p ?? 1);
  const adjusted = adjustments[correction](known);
  const times = correction === 'none' ? 1 : looks;
  const comparisons = correction === 'none' ? 1 : known.length * times;
  return known.map((p, i) => {
    const adjustedP = Math.min(1, (adjusted[i] ?? 1) * times);
    return { adjustedP, ownAlpha: alphaAfterAdjustment(p, adjustedP, alpha, comparisons) };
  });
}

/**
 * p-values adjusted for looking at all of them, in the order given. Holm 1979: p(i)·(m - i + 1), never falling; the
 * chance of even one false winner stays below alpha. A p outside [0, 1] is a DomainError.
 */
export function adjustHolm(pValues: readonly number[]): number[] {
  const order = ascending(pValues);
  const adjusted = pValues.slice();
  let largestSoFar = 0;
  order.forEach(([index, p], rank) => {
    largestSoFar = Math.max(largestSoFar, Math.min(1, p * (order.length - rank)));
    adjusted[index] = largestSoFar;
  });
  return adjusted;
}

/**
 * p-values adjusted so that among the winners named at most the share alpha is false, in the order given. Benjamini and
 * Hochberg 1995: p(i)·m/i, never rising from the largest down. A p outside [0, 1] is a DomainError.
 */
export function adjustBenjaminiHochberg(pValues: readonly number[]): number[] {
  const order = ascending(pValues);
  const adjusted = pValues.slice();
  let smallestSoFar = 1;
  order.reverse().forEach(([index, p], fromLargest) => {
    smallestSoFar = Math.min(smallestSoFar, (p * order.length) / (order.length - fromLargest));
    adjusted[index] = smallestSoFar;
  });
  return adjusted;
}

function ascending(pValues: readonly number[]): [index: number, p: number][] {
  for (const p of pValues) if (!(p >= 0 && p <= 1)) throw new DomainError('a p-value', 'from 0 to 1', p);
  return [...pValues.entries()].sort(([, a], [, b]) => a - b);
}

/**
 * The alpha at which one comparison is really tested once its p is adjusted: p < it exactly when adjusted < alpha.
 * An interval drawn at this alpha says the same as the adjusted p. (A p of exactly 0 gets the strictest: alpha / m.)
 */
export function alphaAfterAdjustment(p: number, adjusted: number, alpha: number, comparisons: number): number {
  return adjusted === 0 ? alpha / comparisons : alpha * (p / adjusted);
}
