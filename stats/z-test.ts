import { normalTwoSidedP } from './normal';
import { rateOf, type Proportion } from './proportion';

/**
 * The pooled two-proportion z test (Pearson's chi-squared with its root's sign), p two-sided by erfc.
 * Equal rates give z = 0 and p = 1, also where nobody or everybody converted.
 */
export function pooledZTest(control: Proportion, variant: Proportion): { readonly z: number; readonly p: number } {
  const difference = rateOf(variant) - rateOf(control);
  if (difference === 0) return { z: 0, p: 1 };

  const total = control.participants + variant.participants;
  const pooled = (control.conversions + variant.conversions) / total;
  // Counted from the failures, as 1 - pooled has no digits left when nearly all convert.
  const pooledFailures = (total - control.conversions - variant.conversions) / total;
  const z = difference / Math.sqrt(pooled * pooledFailures * (1 / control.participants + 1 / variant.participants));
  return { z, p: normalTwoSidedP(z) };
}
