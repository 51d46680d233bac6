import type { Estimate, Undetermined } from './estimate';
import type { Pair } from './pair';
import { weighByAbba } from './weigh-abba';
import { weighBayesian } from './weigh-bayesian';
import { weighFixed } from './weigh-fixed';
import { weighSequential } from './weigh-sequential';

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

/** What one method says of a pair. A method that cannot judge it answers with undetermined estimates. */
export function weigh(method: Method, pair: Pair, strictness: Strictness): Evidence {
  switch (method) {
    case 'sequential':
      return weighSequential(pair, strictness);
    case 'fixed':
      return weighFixed(pair, strictness);
    case 'bayesian':
      return weighBayesian(pair, strictness);
    case 'abba':
      return weighByAbba(pair, strictness);
  }
}
