import { undetermined } from '../estimate.ts';
import type { Evidence } from '../../shared/contract/statistics.ts';

/** How strict to be. */
export interface Strictness {
  /** The error rate of the experiment, fixed at its start. */
  readonly alpha: number;
  /** The alpha of this comparison after the correction for many; for `sequential` and `fixed`. */
  readonly ownAlpha: number;
  /** Variants against the baseline: what Abba corrects its p and its intervals for; 1 without correction. */
  readonly variants: number;
}

/** The part of the evidence that only the Bayesian method and Abba fill. */
export const plainTest = { chanceAbove: null, losses: null, contradictory: false } as const;

/** What a method says where it has nothing to say. */
export function noEvidence(reason: string, alpha: number): Evidence {
  const unknown = undetermined(reason);
  return { ...plainTest, difference: unknown, lift: unknown, alpha, p: null, side: 'undecided' };
}
