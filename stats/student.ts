import betainc from '@stdlib/math-base-special-betainc';
import { requireBetween0And1, requirePositive } from './domain';
import { criticalZ } from './normal';
import { findRootNear } from './root';

/**
 * P(|T| > |t|) of Student's t with `df` degrees of freedom: I(df/(df+t²); df/2, 1/2). t any number, df > 0
 * (need not be whole), else a DomainError.
 */
export function studentTwoSidedP(t: number, df: number): number {
  requirePositive('df', df);
  const ratio = t ** 2 / df;
  // The argument of betainc must be the one near zero: near one it has lost the digits that count
  // (at df = 1e9 the other form is wrong in the fifth digit).
  return ratio < 1 ? betainc(ratio / (1 + ratio), 0.5, df / 2, true, true) : betainc(1 / (1 + ratio), df / 2, 0.5);
}

/** The t that |T| exceeds with probability `alpha`, in (0, 1); df > 0. Else a DomainError. */
export function criticalT(alpha: number, df: number): number {
  requireBetween0And1('alpha', alpha);
  // In log t, as with few degrees of freedom t can be millions.
  const excess = (logT: number): number => alpha - studentTwoSidedP(Math.exp(logT), df);
  return Math.exp(findRootNear(excess, Math.log(criticalZ(alpha)), 1 / df));
}
