import type { BoundedEstimate } from './estimate';
import { criticalZ } from './normal';
import { rateOf, type Proportion } from './proportion';

/**
 * The score interval of one rate, Wilson 1927: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
 * Lies in [0, 1] and has a width also for 0 of n. A DomainError if it is no proportion or alpha is not in (0, 1).
 */
export function wilsonInterval(proportion: Proportion, alpha: number): BoundedEstimate {
  const rate = rateOf(proportion);
  const n = proportion.participants;
  const z2 = criticalZ(alpha) ** 2;

  const center = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const margin = Math.sqrt(z2 * ((rate * (1 - rate)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  // With nobody or everybody converted one end is the rate itself, which rounding must not pass.
  return {
    value: rate,
    low: rate === 0 ? 0 : Math.max(0, center - margin),
    high: rate === 1 ? 1 : Math.min(1, center + margin),
  };
}
