import { type Estimate, undetermined, type Undetermined } from '../estimate.ts';

/** How a verdict is reached. Only `sequential` may be looked at every day. */
export const methods = ['sequential', 'fixed', 'bayesian', 'abba'] as const;
export type Method = (typeof methods)[number];

/** How strict to be. */
export interface Strictness {
  /** The error rate of the experiment, fixed at its start. */
  readonly alpha: number;
  /** The alpha of this comparison after the correction for many; for `sequential` and `fixed`. */
  readonly ownAlpha: number;
  /** Variants against the baseline: what Abba corrects its p and its intervals for; 1 without correction. */
  readonly variants: number;
}

/** What one method says of one variant against the baseline: its interval, its p or chance, and where they point. */
export interface Evidence {
  /** Of variant - control. */
  readonly difference: Estimate | Undetermined;
  /** Of variant / control - 1. */
  readonly lift: Estimate | Undetermined;
  /** The intervals' error rate: their level is 1 - alpha. */
  readonly alpha: number;
  /** Two-sided; null for `bayesian`, and where the data define none. */
  readonly p: number | null;
  /** P(variant above control), for `bayesian`. */
  readonly chanceAbove: number | null;
  /** What either choice is expected to cost if it is the lower one, in the unit of the difference, for `bayesian`. */
  readonly losses: Losses | null;
  /** Which side of the control the variant is on beyond doubt at this alpha. */
  readonly side: Side;
  /** Abba's interval and p come from two different tests, and here only one of them is significant. */
  readonly contradictory: boolean;
}

/** Evidence that has been corrected for all goals and variants looked at. */
export interface CorrectedEvidence extends Evidence {
  /** The p to hold against the experiment's alpha: below it exactly when the interval leaves zero out. */
  readonly adjustedP: number | null;
}

export type Side = 'above' | 'below' | 'undecided';

export interface Losses {
  readonly choosingVariant: number;
  readonly choosingControl: number;
}

/** The part of the evidence that only the Bayesian method and Abba fill. */
export const plainTest = { chanceAbove: null, losses: null, contradictory: false } as const;

/** What a method says where it has nothing to say. */
export function noEvidence(reason: string, alpha: number): Evidence {
  const unknown = undetermined(reason);
  return { ...plainTest, difference: unknown, lift: unknown, alpha, p: null, side: 'undecided' };
}
