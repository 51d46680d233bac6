import { noEvidence, plainTest, type Strictness } from './evidence.ts';
import type { Evidence } from '../../shared/contract/statistics.ts';
import { measure, type Pair } from '../pair.ts';
import { ratioLift } from '../means.ts';
import { DomainError, requireBetween0And1, requireCount, requirePositive } from '../numeric/domain.ts';

/** The confidence sequence, for rates and for means: p and both intervals hold at every look. */
export function weighSequential(pair: Pair, { alpha, ownAlpha }: Strictness): Evidence {
  const { control, variant, difference, standardError, units } = measure(pair);
  const p = sequentialPOf(pair, alpha);
  if (p === null) return noEvidence('no unit differs from the others yet', ownAlpha);

  const multiplier = sequentialMultiplier(units, ownAlpha, mixtureVariance(alpha));
  const margin = multiplier * standardError;
  return {
    ...plainTest,
    alpha: ownAlpha,
    difference: { value: difference, low: difference - margin, high: difference + margin },
    lift: ratioLift(control, variant, multiplier),
    p,
    side: p >= ownAlpha ? 'undecided' : difference > 0 ? 'above' : 'below',
  };
}

/** The p alone, at the experiment's alpha; null while no unit differs from the others. */
export function sequentialPOf(pair: Pair, alpha: number): number | null {
  const { difference, standardError, units } = measure(pair);
  return standardError === 0
    ? null
    : sequentialP({ difference, standardError, participants: units }, mixtureVariance(alpha));
}

/** The number of participants at which the sequence is narrowest. Fixed before an experiment starts. */
export const tunedForParticipants = 5000;

/** A contrast of two arms: the difference, its standard error, and the participants of both together. */
export interface Contrast {
  readonly difference: number;
  readonly standardError: number;
  readonly participants: number;
}

/**
 * ρ² of the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (arXiv 2103.06476):
 * (-2 ln α + ln(-2 ln α + 1)) / N*. Must stay the same through an experiment, so it comes from the experiment's own
 * alpha also where a correction for many comparisons makes a single interval wider. alpha in (0, 1), else a DomainError.
 */
export function mixtureVariance(alpha: number, narrowestAt = tunedForParticipants): number {
  requireBetween0And1('alpha', alpha);
  requirePositive('the participants it is tuned for', narrowestAt);
  const surprise = -2 * Math.log(alpha);
  return (surprise + Math.log(surprise + 1)) / narrowestAt;
}

/**
 * How many standard errors the interval extends: sqrt(2(r+1)/r · ln(sqrt(r+1)/α)), r = Nρ². An interval of this width
 * is always-valid: it holds under continuous monitoring. alpha in (0, 1), at least one participant, else a DomainError.
 */
export function sequentialMultiplier(participants: number, alpha: number, mixture = mixtureVariance(alpha)): number {
  requireBetween0And1('alpha', alpha);
  const r = informationOf(participants, mixture);
  // ln(sqrt(r+1)/α) in two terms: for a small r the quotient would be rounded.
  return Math.sqrt(((2 * (r + 1)) / r) * (Math.log1p(r) / 2 - Math.log(alpha)));
}

/**
 * The p-value that holds at every look: min(1, 1/E), E = exp(r(d/SE)²/(2(1+r))) / sqrt(1+r), r = Nρ². Is below alpha
 * exactly when the interval of the same `mixture` excludes zero. standardError > 0, else a DomainError.
 */
export function sequentialP({ difference, standardError, participants }: Contrast, mixture: number): number {
  requirePositive('the standard error', standardError);
  const r = informationOf(participants, mixture);
  const z = difference / standardError;
  return Math.min(1, Math.sqrt(1 + r) * Math.exp((-r * z * z) / (2 * (1 + r))));
}

function informationOf(participants: number, mixture: number): number {
  requireCount('participants', participants);
  requirePositive('the mixture variance', mixture);
  if (participants === 0) throw new DomainError('participants', 'at least 1', participants);
  return participants * mixture;
}
