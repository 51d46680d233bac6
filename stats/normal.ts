import erfc from '@stdlib/math-base-special-erfc';
import erfcinv from '@stdlib/math-base-special-erfcinv';
import { requireBetween0And1 } from './domain';

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
