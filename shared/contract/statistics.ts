/*
 * What the statistics answer, as JSON: every number finite, every missing one null with its reason beside it. `stats/`
 * computes these, the report API sends them on, and the page, the command line and programs read them.
 */

/** How a verdict is reached. Only `sequential` is valid at any number of looks. */
export const methods = ['sequential', 'fixed', 'bayesian', 'abba'] as const;
export type Method = (typeof methods)[number];

/**
 * How a goal is measured, and whether that is a rate (a share from 0 to 1) or a mean.
 * `conversions`: conversions per participant. `pct`: the share of units with the goal at least once. `n`: how often, per
 * unit. `sum`: the value, per unit. The last three need events with a unit.
 */
export const metricKinds = { conversions: 'rate', n: 'mean', pct: 'rate', sum: 'mean' } as const;
export type Metric = keyof typeof metricKinds;

/** Those on units. */
export const unitMetrics = (Object.keys(metricKinds) as Metric[]).filter((metric) => metric !== 'conversions');

export const goalSets = ['primary', 'secondary', 'guardrail'] as const;
export type GoalSet = (typeof goalSets)[number];

export const corrections = ['holm', 'benjamini-hochberg', 'none'] as const;
export type Correction = (typeof corrections)[number];

/** Which way of a goal is good. */
export type Better = 'higher' | 'lower';

/** Both ends of an interval, finite. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A number with its interval. An end that is null lies at infinity: the data do not bound it. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** A number that these data do not define, and why, in words for a reader. */
export interface Undetermined {
  readonly value: null;
  readonly reason: string;
}

/** A number with a narrow and a wide interval: the bar and the whiskers of a forest plot. */
export interface Range {
  readonly value: number;
  readonly interval68: Interval;
  readonly interval95: Interval;
}

/** One arm by itself: Wilson's intervals for a rate, Student's for a mean. */
export interface ArmDescription extends Range {
  /** Standard deviation between units (for a rate, of their zeros and ones). */
  readonly deviation: number;
}

/**
 * How two arms compare as seen in one look, for plots and tables: Newcombe and Koopman for rates, Welch and the delta
 * method for means. It does not depend on the method, so it may show an effect that the verdict does not grant yet.
 */
export interface PairDescription {
  readonly standardError: number;
  readonly difference: Range | Undetermined;
  readonly lift: Range | Undetermined;
}

export interface SampleRatio {
  /** How far the split is off, as Pearson's chi-squared with its degrees of freedom. `p` is not of it. */
  readonly value: number;
  readonly df: number;
  /** Of the sequential multinomial test: valid at any number of looks. 0 where an arm of weight 0 has anybody. */
  readonly p: number;
  /** p below 0.001 against configured weights: then every verdict is invalid. */
  readonly alarm: boolean;
  /** Nobody configured weights, and an even split was assumed: then a low p is a question, and never an alarm. */
  readonly assumed: boolean;
  /** Participants expected in each arm, in the order given. */
  readonly expected: readonly number[];
}

export type Side = 'above' | 'below' | 'undecided';

/** What either choice is expected to cost if it is the lower one, in the unit of the difference. */
export interface Losses {
  readonly choosingVariant: number;
  readonly choosingControl: number;
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
  /** For `bayesian`. */
  readonly losses: Losses | null;
  /** Which side of the control the variant is on beyond doubt at this alpha. */
  readonly side: Side;
  /** Abba's interval and p come from two different tests, and here only one of them is significant. */
  readonly contradictory: boolean;
}

/** Evidence that has been corrected for all goals and variants looked at. */
export interface CorrectedEvidence extends Evidence {
  /** The p to hold against the experiment's alpha: below it exactly when the interval excludes zero. */
  readonly adjustedP: number | null;
}

/**
 * `need data`: too little to compare at all. `too early`: the interval reaches further to either side than the smallest
 * lift worth knowing. Both name the whole days of the present traffic that are missing; null where that is not known.
 * `no difference`: the whole interval of the lift lies within ± `within`, the smallest lift worth knowing.
 * `no clear difference`: neither. `exploratory`: figures by another method than the experiment's own, or of one segment,
 * which no verdict is made of.
 */
export type Verdict = VerdictWords &
  (
    | { readonly kind: 'winning' | 'losing' | 'no clear difference' | 'invalid' | 'exploratory' }
    | { readonly kind: 'need data' | 'too early'; readonly days: number | null }
    | { readonly kind: 'no difference'; readonly within: number }
  );

/** A verdict for readers: the whole sentence, and its parts for those who show the figures elsewhere. */
export interface VerdictWords {
  readonly sentence: string;
  /** Why, where the figures do not say it: `12 of the 150 units in the larger arm that a comparison needs`. */
  readonly cause: string | null;
  /** Lift, interval, and p or chance of the verdict's method; null while there are none. */
  readonly figures: string | null;
}

/** For the highest rate, or the lowest where lower is better. */
export interface Best {
  readonly chance: number;
  readonly expectedLoss: number;
}

export interface Comparison {
  readonly verdict: Verdict;
  /**
   * As seen in one look. Null before there is enough data, so that no lift is shown as if it meant something; and in a
   * brief report.
   */
  readonly description: PairDescription | null;
  /** By each method asked for; empty before there is enough data. */
  readonly evidence: Partial<Record<Method, CorrectedEvidence>>;
}
