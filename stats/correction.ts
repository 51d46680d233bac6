import type { Correction } from '../shared/contract/statistics.ts';
import { adjustBenjaminiHochberg, adjustHolm, alphaAfterAdjustment } from './many-comparisons';

export interface Adjusted {
  readonly adjustedP: number;
  /** The alpha at which this comparison's own p and interval say what the adjusted p says. */
  readonly ownAlpha: number;
}

const adjustments: Record<Correction, (pValues: readonly number[]) => readonly number[]> = {
  holm: adjustHolm,
  'benjamini-hochberg': adjustBenjaminiHochberg,
  none: (pValues) => pValues,
};

/** Corrects one family of comparisons, in the order given. A comparison without a p counts as one that shows nothing. */
export function correct(pValues: readonly (number | null)[], correction: Correction, alpha: number): Adjusted[] {
  const known = pValues.map((p) => p ?? 1);
  const adjusted = adjustments[correction](known);
  const comparisons = correction === 'none' ? 1 : known.length;
  return known.map((p, i) => {
    const adjustedP = adjusted[i] ?? 1;
    return { adjustedP, ownAlpha: alphaAfterAdjustment(p, adjustedP, alpha, comparisons) };
  });
}
