import { chiSquaredUpperTail } from './numeric/distributions.ts';
import { DomainError, requireCount, requireFinite } from './numeric/domain.ts';
import { undetermined } from './estimate.ts';
import type { SampleRatio, Undetermined } from '../shared/contract/statistics.ts';

/** Below this p the split is taken to be broken: rare enough that nobody has to look at it every week. */
export const sampleRatioAlarmBelow = 0.001;

/** A weight below this part of the largest is a slip: at 10^9 participants it would expect one. */
const smallestShare = 1e-9;

export interface ArmShare {
  readonly participants: number;
  /** The configured share, in any unit: 1 and 1, or 90 and 10. 0 for an arm that should get nobody. */
  readonly weight: number;
}

/**
 * Whether participants split as configured: chi-squared (Pearson 1900) against the weights, df = arms with weight - 1,
 * alarm under 0.001. People in an arm of weight 0 are left out; the caller should name them. Undetermined with fewer
 * than two arms with weight, or with nobody in them. A weight below 0, not finite,
 * or below a thousand millionth of the largest is a DomainError.
 */
export function sampleRatio(arms: readonly ArmShare[]): SampleRatio | Undetermined {
  for (const { participants, weight } of arms) {
    requireCount('participants', participants);
    requireFinite('a weight', weight);
    if (weight < 0) throw new DomainError('a weight', 'a number from 0', weight);
  }
  const weighted = arms.filter(({ weight }) => weight > 0);
  const total = weighted.reduce((sum, { participants }) => sum + participants, 0);
  if (weighted.length < 2) return undetermined('fewer than two arms have a weight');
  if (total === 0) return undetermined('no participant yet');

  const largest = Math.max(...weighted.map(({ weight }) => weight));
  for (const { weight } of weighted) {
    if (weight < largest * smallestShare) {
      throw new DomainError('a weight', `0, or at least ${smallestShare} of the largest`, weight);
    }
  }
  const totalWeight = weighted.reduce((sum, { weight }) => sum + weight / largest, 0);
  const expectedOf = (weight: number): number => total * (weight / largest / totalWeight);
  const chi2 = weighted.reduce((sum, { participants, weight }) => {
    const expected = expectedOf(weight);
    return sum + (participants - expected) ** 2 / expected;
  }, 0);
  const df = weighted.length - 1;
  const p = chiSquaredUpperTail(chi2, df);
  return {
    value: chi2,
    df,
    p,
    alarm: p < sampleRatioAlarmBelow,
    expected: arms.map(({ weight }) => expectedOf(weight)),
  };
}
