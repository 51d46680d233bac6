import { undetermined, type BoundedEstimate } from './estimate';
import type { Undetermined } from '../shared/contract/statistics.ts';
import { meanOf, type Sample } from './sample';
import { criticalT, studentTwoSidedP } from './student';

export interface WelchTest {
  /** Variant's mean minus the control's. */
  readonly value: number;
  readonly standardError: number;
  readonly t: number;
  readonly df: number;
  readonly p: number;
}

/**
 * The t test of Welch 1947 for two means of unequal variance, from sums; degrees of freedom after
 * Satterthwaite 1946, p two-sided. Undetermined with fewer than two units in an arm, or when no unit differs
 * from the others: then the data say nothing about chance. Impossible sums are a DomainError.
 */
export function welchTest(control: Sample, variant: Sample): WelchTest | Undetermined {
  const [a, b] = [meanOf(control), meanOf(variant)];
  if (Math.min(control.units, variant.units) < 2) return undetermined('an arm has fewer than two units');
  const standardError = Math.hypot(a.standardError, b.standardError);
  if (standardError === 0) return undetermined('all units have the same value');

  const value = b.mean - a.mean;
  const t = value / standardError;
  // Shares of the variance, not the variances: their squares would overflow for large values.
  const shareA = (a.standardError / standardError) ** 2;
  const shareB = (b.standardError / standardError) ** 2;
  const df = 1 / (shareA ** 2 / (control.units - 1) + shareB ** 2 / (variant.units - 1));
  return { value, standardError, t, df, p: studentTwoSidedP(t, df) };
}

/** The difference of two means with the interval of Welch's test at `alpha`; leaves 0 out exactly when p < alpha. */
export function welchDifference(control: Sample, variant: Sample, alpha: number): BoundedEstimate | Undetermined {
  const test = welchTest(control, variant);
  if (test.value === null) return test;
  const margin = criticalT(alpha, test.df) * test.standardError;
  return { value: test.value, low: test.value - margin, high: test.value + margin };
}
