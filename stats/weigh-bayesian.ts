import { chanceToBeBest, credibleDifference, credibleLift, expectedLoss } from './bayesian';
import { noEvidence, type Strictness } from './evidence';
import type { Evidence, Side } from '../shared/contract/statistics.ts';
import { criticalZ, normalDensity, normalUpperTail } from './normal';
import { measure, type MeasuredPair, type Pair } from './pair';
import { createPosterior } from './posterior';
import type { Proportion } from './proportion';
import { ratioLift } from './ratio-lift';

/**
 * Beliefs after the data, from flat priors: Beta(1, 1) for rates, the normal of large samples for means. Decided when the
 * central credible interval leaves zero out, that is, when the chance to be above is over 1 - alpha/2 or under alpha/2.
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
