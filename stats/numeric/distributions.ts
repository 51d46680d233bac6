import erfc from '@stdlib/math-base-special-erfc';
import erfcinv from '@stdlib/math-base-special-erfcinv';
import betainc from '@stdlib/math-base-special-betainc';
import { requireBetween0And1, requirePositive } from './domain.ts';
import { findRootNear } from './solve.ts';

/**
 * P(Z > z) of the standard normal: erfc(z / sqrt 2) / 2, exact to the last digits also where it is 1e-300.
 * Any finite z or an infinity; the answer lies in [0, 1].
 */
export function normalUpperTail(z: number): number {
  return erfc(z / Math.SQRT2) / 2;
}

/** P(|Z| > |z|), the two-sided p-value of a normal statistic: erfc(|z| / sqrt 2). */
export function normalTwoSidedP(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}

/** The z that leaves `tail` above it: sqrt 2 · erfcinv(2 · tail). `tail` in (0, 1), else a DomainError. */
export function normalUpperQuantile(tail: number): number {
  requireBetween0And1('the tail', tail);
  return Math.SQRT2 * erfcinv(2 * tail);
}

/** The z of a two-sided test at `alpha`, in (0, 1), else a DomainError: 1.96 for 0.05. */
export function criticalZ(alpha: number): number {
  requireBetween0And1('alpha', alpha);
  return normalUpperQuantile(alpha / 2);
}

/** The height of the standard normal density at z: exp(-z²/2) / sqrt(2π). */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

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
