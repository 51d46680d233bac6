import { undetermined } from './estimate';
import type { Estimate, Undetermined } from '../shared/contract/statistics.ts';

/** A mean or a rate with its standard error: all that the normal theory of a ratio needs. */
export interface Measured {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * The relative lift, variant / control - 1, after Fieller 1954: all ratios φ with
 * |mB - φ·mA| <= multiplier · sqrt(seB² + φ²·seA²). At φ = 1 that is the interval of the difference with the same
 * multiplier (a normal or t quantile, or that of a confidence sequence), so both leave zero out or neither does.
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
