import { abbaImprovement, abbaMultiplier, abbaP } from './abba';
import { excludesZero, undetermined } from './estimate';
import { noEvidence, type Strictness } from './evidence';
import type { Evidence } from '../shared/contract/statistics.ts';
import type { Pair } from './pair';

/**
 * Abba's own p and interval. They come from two different tests and can contradict each other near the edge; then
 * neither is followed, and the evidence says so.
 */
export function weighByAbba(pair: Pair, { alpha, variants }: Strictness): Evidence {
  if (pair.kind === 'mean') return noEvidence('Abba compares rates, not means', alpha);

  const lift = abbaImprovement(pair.control, pair.variant, abbaMultiplier(alpha, variants));
  const p = abbaP(pair.control, pair.variant, variants);
  const [intervalSays, pSays] = [lift.value !== null && excludesZero(lift), p < alpha];
  const side = lift.value !== null && lift.low > 0 ? 'above' : 'below';
  return {
    alpha,
    chanceAbove: null,
    losses: null,
    difference: undetermined('Abba gives a relative improvement only'),
    lift,
    p,
    side: intervalSays && pSays ? side : 'undecided',
    contradictory: intervalSays !== pSays,
  };
}
