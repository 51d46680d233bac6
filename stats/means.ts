import { DomainError, requireCount, requireFinite } from './numeric/domain.ts';
import { type BoundedEstimate, undetermined } from './estimate.ts';
import type { Estimate, Undetermined } from '../shared/contract/statistics.ts';
import { criticalT, studentTwoSidedP } from './numeric/distributions.ts';

/** What the counters keep of a number measured on every unit: enough for its mean and variance. */
export interface Sample {
  readonly units: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

export interface SampleMean {
  readonly mean: number;
  /** Standard deviation between units, with n - 1; 0 for a single unit. */
  readonly deviation: number;
  /** The standard error of the mean: deviation / sqrt n. */
  readonly standardError: number;
}

/** Sums of doubles may be off by this part of the sum of squares before they count as contradicting. */
const roundingOfSums = 1e-9;

/** A variance below this part of the mean square is what rounding leaves of none: no real values are so alike. */
const smallestVariance = 1e-12;

/**
 * Mean, standard deviation and standard error from n, Σx and Σx²: variance = (Σx² - (Σx)²/n) / (n - 1).
 * A DomainError without units, or if Σx² is below (Σx)²/n, which no numbers can give.
 */
export function meanOf({ units, sum, sumOfSquares }: Sample): SampleMean {
  requireCount('units', units);
  requireFinite('the sum', sum);
  requireFinite('the sum of squares', sumOfSquares);
  if (units === 0) throw new DomainError('units', 'at least 1', units);

  const mean = sum / units;
  const squaresAroundMean = sumOfSquares - sum * mean;
  if (!(squaresAroundMean >= -roundingOfSums * sumOfSquares)) {
    throw new DomainError('the sum of squares', `at least the squared sum over the units, ${sum * mean}`, sumOfSquares);
  }

  const isConstant = units === 1 || squaresAroundMean < smallestVariance * sumOfSquares;
  const deviation = isConstant ? 0 : Math.sqrt(squaresAroundMean / (units - 1));
  return { mean, deviation, standardError: deviation / Math.sqrt(units) };
}

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

/** The difference of two means with the interval of Welch's test at `alpha`; excludes 0 exactly when p < alpha. */
export function welchDifference(control: Sample, variant: Sample, alpha: number): BoundedEstimate | Undetermined {
  const test = welchTest(control, variant);
  if (test.value === null) return test;
  const margin = criticalT(alpha, test.df) * test.standardError;
  return { value: test.value, low: test.value - margin, high: test.value + margin };
}

/**
 * The relative lift of two means, variant / control - 1, by the delta method (the variance of a ratio to first
 * order, control's variance included): se = sqrt(seB² + (mB/mA)²·seA²) / mA, with Welch's critical t.
 * Describes; the verdicts use `ratioLift`, which never contradicts the test.
 * Undetermined unless the control's mean is above 0, and where Welch's test is.
 */
export function deltaLift(control: Sample, variant: Sample, alpha: number): BoundedEstimate | Undetermined {
  const test = welchTest(control, variant);
  if (test.value === null) return test;
  const [a, b] = [meanOf(control), meanOf(variant)];
  if (!(a.mean > 0)) return undetermined('the mean of the control is not above 0, and a lift is relative to it');

  const ratio = b.mean / a.mean;
  const standardError = Math.hypot(b.standardError / a.mean, ratio * (a.standardError / a.mean));
  const margin = criticalT(alpha, test.df) * standardError;
  if (!Number.isFinite(ratio + margin)) return undetermined('the mean of the control is too close to 0');
  return { value: ratio - 1, low: ratio - 1 - margin, high: ratio - 1 + margin };
}

/** A mean or a rate with its standard error: all that the normal theory of a ratio needs. */
export interface Measured {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * The relative lift, variant / control - 1, after Fieller 1954: all ratios φ with
 * |mB - φ·mA| <= multiplier · sqrt(seB² + φ²·seA²). At φ = 1 that is the interval of the difference with the same
 * multiplier (a normal or t quantile, or that of a confidence sequence), so both exclude zero or neither does.
 * While the control's mean is not itself clear of zero, an end is unbounded (null); the true mean of the control is
 * taken to be positive. Undetermined unless the measured one is.
 */
export function ratioLift(control: Measured, variant: Measured, multiplier: number): Estimate | Undetermined {
  if (!(control.mean > 0)) {
    return undetermined('the mean of the control is not above 0, and a lift is relative to it');
  }
  // All in units of the control's mean, so that no square can overflow.
  const ratio = variant.mean / control.mean;
  const marginA = (multiplier * control.standardError) / control.mean;
  const marginB = (multiplier * variant.standardError) / control.mean;
  if (!Number.isFinite(ratio ** 2 + marginA ** 2 + marginB ** 2)) {
    return undetermined('the mean of the control is too close to 0');
  }

  // The ends solve curvature·φ² - 2·ratio·φ + product = 0.
  const curvature = (1 - marginA) * (1 + marginA);
  const product = (ratio - marginB) * (ratio + marginB);
  const root = Math.sqrt(Math.max(0, ratio ** 2 - curvature * product));
  const value = ratio - 1;

  if (curvature > 0) {
    // Each root in the form that adds numbers of one sign, as the other form loses digits.
    const far = ratio >= 0 ? ratio + root : ratio - root;
    const [one, other] = [far / curvature, far === 0 ? 0 : product / far];
    return { value, low: Math.min(one, other) - 1, high: Math.max(one, other) - 1 };
  }
  if (product <= 0) return { value, low: null, high: null };
  return ratio > 0
    ? { value, low: product / (ratio + root) - 1, high: null }
    : { value, low: null, high: product / (ratio - root) - 1 };
}
