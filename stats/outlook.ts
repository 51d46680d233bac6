import { abbaMultiplier } from './methods/abba.ts';
import { mixtureVariance, sequentialMultiplier } from './methods/sequential.ts';
import type { Shortage } from './measurement.ts';
import type { Method } from '../shared/contract/statistics.ts';
import type { Strictness } from './methods/evidence.ts';
import type { Aim, Traffic } from './experiment.ts';
import { criticalZ } from './numeric/distributions.ts';
import { measure, type Pair } from './pair.ts';
import { daysLeft } from './planning.ts';
import type { Wait } from './verdict.ts';

/** How long until there is enough data to compare at all. */
export function waitForMinimum({ reason, growth }: Shortage, { participants, participantsPerDay }: Traffic): Wait {
  const days =
    growth === null || participantsPerDay === null
      ? null
      : Math.max(1, Math.ceil(((growth - 1) * participants) / participantsPerDay));
  return { reason, days };
}

/** Whole days until the method would see the smallest lift with the wanted power; null where that is not known. */
export function daysUntilSeen(
  pair: Pair,
  method: Method,
  strictness: Strictness,
  { smallestLift, power }: Aim,
  { participants, participantsPerDay }: Traffic,
): number | null {
  const { control, standardError, units } = measure(pair);
  if (participantsPerDay === null || !(control.mean > 0) || standardError === 0) return null;
  const days = daysLeft({
    standardError,
    effect: smallestLift * control.mean,
    participants,
    participantsPerDay,
    multiplier: multiplierOf(method, units, strictness),
    power,
  });
  return Math.max(1, days);
}

/** How many standard errors the method's interval extends now. */
function multiplierOf(method: Method, units: number, { alpha, ownAlpha, variants }: Strictness): number {
  switch (method) {
    case 'sequential':
      return sequentialMultiplier(units, ownAlpha, mixtureVariance(alpha));
    case 'fixed':
      return criticalZ(ownAlpha);
    case 'bayesian':
      return criticalZ(alpha);
    case 'abba':
      return abbaMultiplier(alpha, variants);
  }
}
