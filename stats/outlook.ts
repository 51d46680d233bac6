import { percent } from '../shared/contract/figures.ts';
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

/** How long until the method would see the lift that the experiment is for; null if it would by now, or if there is no aim. */
export function waitForAim(
  pair: Pair,
  method: Method,
  strictness: Strictness,
  { smallestLift, power }: Aim,
  { participants, participantsPerDay }: Traffic,
): Wait | null {
  const { control, standardError, units } = measure(pair);
  if (smallestLift === null || !(control.mean > 0) || standardError === 0) return null;

  const days = daysLeft({
    standardError,
    effect: smallestLift * control.mean,
    participants,
    // Without known traffic one participant a day still tells whether there is anything to wait for.
    participantsPerDay: participantsPerDay ?? 1,
    multiplier: multiplierOf(method, units, strictness),
    power,
  });
  if (days === 0) return null;
  const reason = `a lift of ${percent(smallestLift)} could not be seen yet with power ${percent(power)}`;
  return { reason, days: participantsPerDay === null ? null : days };
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
