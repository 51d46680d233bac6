import { mixtureVariance, sequentialMultiplier, sequentialP } from './confidence-sequence';
import { noEvidence, plainTest, type Strictness } from './evidence';
import type { Evidence } from '../shared/contract/statistics.ts';
import { measure, type Pair } from './pair';
import { ratioLift } from './ratio-lift';

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
