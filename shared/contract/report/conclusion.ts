/*
 * What an experiment comes to: one conclusion, computed once on the server from all primary goals, all guardrails, the
 * split, the quality of the data and the planned duration. List, page, command line, CSV and HTML show the same.
 */

export const advices = ['decided', 'fix first', 'ship', 'do not ship', 'stop', 'wait'] as const;

/**
 * `ship`: the variant is better in a primary goal, worse in none, and harms no guardrail. `do not ship`: every variant is
 * worse in a primary goal or harms a guardrail. `stop`: there is no effect worth knowing, or the planned end is reached
 * without one. `fix first`: the figures cannot be used. `wait`: none of these yet. `decided`: somebody has.
 */
export type Advice = (typeof advices)[number];

export type ReasonCode =
  | 'decided'
  | 'given_up'
  | 'draft'
  | 'no_data'
  | 'no_goal'
  | 'no_primary'
  | 'one_variant'
  | 'rebuilding'
  | 'split_off'
  | 'variant_empty'
  | 'unknown_variant'
  | 'broken_data'
  | 'invalid_goal'
  | 'imported_approximate'
  | 'silent'
  | 'primary_wins'
  | 'primary_loses'
  | 'guardrail_harmed'
  | 'no_effect'
  | 'planned_end'
  | 'days_left'
  | 'too_early'
  | 'undecided';

/** Why, as fields and in words. */
export interface Reason {
  code: ReasonCode;
  /** A part of a sentence, such as `latency is worse (+28 %)`. */
  text: string;
  /** The goal's label. */
  goal?: string;
  variant?: string;
  /** Relative; where the data define one. */
  lift?: number;
  /** For `days_left` and `too_early`. */
  days?: number;
  /** For `no_effect`: the smallest lift worth knowing. */
  within?: number;
}

/** What the variant does to the first goal that decides, in absolute figures. */
export interface Effect {
  goal: string;
  variant: string;
  /** `points` for a rate (0.017 is 1.7 percentage points), else the mean's own unit. */
  unit: 'points' | 'mean';
  control: number;
  measured: number;
  difference: number;
  /** More conversions (or more of the sum) in 30 days, if everybody had the variant, at the present traffic; null where that is not known. */
  perMonth: number | null;
  /** More value a visitor, where the goal's events carry one. */
  valuePerVisitor: number | null;
}

export interface Conclusion {
  advice: Advice;
  /** Which variant it is about; null where it is about none or all. */
  variant: string | null;
  /** `Ship green`, `Wait: 7 of 34 days left` */
  title: string;
  /** Whether somebody should decide now. */
  needsDecision: boolean;
  /** The one of the title first. */
  reasons: Reason[];
  effect: Effect | null;
  guardrails: { total: number; harmed: number; /** Too little data yet. */ unknown: number };
  /** Days of the planned duration, the present one counted; null where no end is planned or nothing has begun. */
  progress: { day: number; days: number } | null;
  /** For the card: the effect, the guardrails, and what was checked; null where there is none. */
  lines: { effect: string | null; guardrails: string | null; checks: string };
}
