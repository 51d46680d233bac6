import type { BoundedEstimate } from './estimate';
import type { Proportion } from './proportion';
import { wilsonInterval } from './wilson';

/**
 * The difference of two rates, variant - control, with the hybrid interval of Newcombe 1998 (his method 10):
 * each end is as far away as the two Wilson intervals together say. Lies in [-1, 1].
 * Good coverage, but no test stands behind it: at the edge it can disagree with the z test, so no verdict uses it.
 */
export function newcombeDifference(control: Proportion, variant: Proportion, alpha: number): BoundedEstimate {
  const a = wilsonInterval(control, alpha);
  const b = wilsonInterval(variant, alpha);
  const value = b.value - a.value;
  return {
    value,
    low: value - Math.hypot(b.value - b.low, a.high - a.value),
    high: value + Math.hypot(b.high - b.value, a.value - a.low),
  };
}
