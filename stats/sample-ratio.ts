import { DomainError, requireCount, requireFinite } from './numeric/domain.ts';
import { undetermined } from './estimate.ts';
import { logBayesFactor } from './numeric/multinomial.ts';
import type { SampleRatio, Undetermined } from '../shared/contract/statistics.ts';

/** Below this p the split is taken to be broken: rare enough that nobody has to look at it every week. */
export const sampleRatioAlarmBelow = 0.001;

/**
 * K, which decides what deviations are found first. With 1,000 a split of 51 : 49 is found at some 40,000 participants
 * and one of 55 : 45 at 2,200.
 */
export const sampleRatioConcentration = 1_000;

/** A weight below this part of the largest is a slip: at 10^9 participants it would expect one. */
const smallestShare = 1e-9;

export interface ArmShare {
  readonly participants: number;
  /** The configured share, in any unit: 1 and 1, or 90 and 10. 0 for an arm that should get nobody. */
  readonly weight: number;
}

/**
 * Whether participants split as configured: the sequential multinomial test (see `logBayesFactor`), p = min(1, 1/BF),
 * alarm under 0.001, valid at any number of looks. Anybody in an arm of weight 0 is an alarm by itself (p = 0). `value`
 * and `df` describe the deviation as Pearson's chi-squared of the arms with a weight. Undetermined with fewer than two arms with weight, or with
 * nobody in them. A weight below 0, not finite, or below a thousand millionth of the largest is a DomainError.
 * @param assumed that nobody configured the weights: then an uneven split is a question, and never an alarm
 */
export function sampleRatio(arms: readonly ArmShare[], { assumed = false } = {}): SampleRatio | Undetermined {
  for (const { participants, weight } of arms) {
    requireCount('participants', participants);
    requireFinite('a weight', weight);
    if (weight < 0) throw new DomainError('a weight', 'a number from 0', weight);
  }
  const weighted = arms.filter(({ weight }) => weight > 0);
  const total = weighted.reduce((sum, { participants }) => sum + participants, 0);
  if (weighted.length < 2) return undetermined('fewer than two arms have a weight');
  if (total === 0) return undetermined('no participant yet');

  const shareOf = shares(weighted);
  const classes = weighted.map(({ participants, weight }) => ({ count: participants, share: shareOf(weight) }));
  const strays = arms.some(({ participants, weight }) => weight === 0 && participants > 0);
  const p = strays ? 0 : Math.min(1, Math.exp(-logBayesFactor(classes, sampleRatioConcentration)));
  return {
    value: classes.reduce((sum, { count, share }) => sum + (count - total * share) ** 2 / (total * share), 0),
    df: weighted.length - 1,
    p,
    alarm: !assumed && p < sampleRatioAlarmBelow,
    assumed,
    expected: arms.map(({ weight }) => total * shareOf(weight)),
  };
}

/** Weight -> its share of all. In parts of the largest, so that no sum overflows. */
function shares(weighted: readonly ArmShare[]): (weight: number) => number {
  const largest = Math.max(...weighted.map(({ weight }) => weight));
  for (const { weight } of weighted) {
    if (weight < largest * smallestShare) {
      throw new DomainError('a weight', `0, or at least ${smallestShare} of the largest`, weight);
    }
  }
  const total = weighted.reduce((sum, { weight }) => sum + weight / largest, 0);
  return (weight) => weight / largest / total;
}
