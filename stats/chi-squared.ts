import gammainc from '@stdlib/math-base-special-gammainc';
import { DomainError, requirePositive } from './domain';

/** P(X > chi2) of chi-squared with `df` degrees of freedom: Q(df/2, chi2/2). chi2 >= 0 and df > 0, else a DomainError. */
export function chiSquaredUpperTail(chi2: number, df: number): number {
  if (!(chi2 >= 0)) throw new DomainError('chi-squared', 'a number from 0', chi2);
  requirePositive('df', df);
  return gammainc(chi2 / 2, df / 2, true, true);
}
