import { undetermined, type BoundedEstimate } from './estimate';
import type { Undetermined } from '../shared/contract/statistics.ts';
import { meanOf, type Sample } from './sample';
import { criticalT } from './student';
import { welchTest } from './welch';

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
