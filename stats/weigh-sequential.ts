import { mixtureVariance, sequentialMultiplier, sequentialP } from './confidence-sequence';
import { noEvidence, plainTest, type Evidence, type Strictness } from './evidence';
import { measure, type Pair } from './pair';
import { ratioLift } from './ratio-lift';

/** The confidence sequence, for rates and for means: p and both intervals hold at every look. */
export function weighSequential(pair: Pair, { alpha, ownAlpha }: Strictness): Evidence {
  const { control, variant, difference, standardError, units } = measure(pair);
  if (standardError === 0) return noEvidence('no unit differs from the others yet', ownAlpha);

  const mixture = mixtureVariance(alpha);
  const multiplier = sequentialMultiplier(units, ownAlpha, mixture);
  const margin = multiplier * standardError;
  const p = sequentialP({ difference, standardError, participants: units }, mixture);
  return {
    ...plainTest,
    alpha: ownAlpha,
    difference: { value: difference, low: difference - margin, high: difference + margin },
    lift: ratioLift(control, variant, multiplier),
    p,
    side: p >= ownAlpha ? 'undecided' : difference > 0 ? 'above' : 'below',
  };
}
