import type { Better, Correction, GoalSet, Method, Metric } from './statistics.ts';

export interface VariantDefinition {
  name: string;
  /** Its share, in any unit (1 and 1, or 90 and 10). Either every variant has one or none has. */
  weight?: number;
  description?: string;
}

export interface GoalDefinition {
  /** The event's name. */
  name: string;
  /** `conversions` (the rate of conversions) unless given; the others need events with a unit. */
  metric?: Metric;
  /** Which way is good; `higher` unless given. */
  better?: Better;
  description?: string;
}

/** What people have said of an experiment. Everything is optional: an experiment is counted without any of it. */
export interface Definition {
  hypothesis?: string;
  /**
   * `running` unless given. In a draft everybody sees the control and nobody is counted; `stopped` likewise, or the
   * winner where there is one. `ended` is the older word for `stopped`.
   */
  status?: 'draft' | 'running' | 'stopped' | 'ended';
  /** First and last UTC day, `2026-11-20`. They filter nothing: events outside of them are warned of. */
  start?: string;
  end?: string;
  /** The variant that the others are compared with; one of `variants` where those are given. */
  baseline?: string;
  /** In the order in which they are shown. A variant that is not among them is warned of, and not compared. */
  variants?: VariantDefinition[];
  /** A goal that is not among them is shown as `other`, and corrected apart. */
  goals?: Partial<Record<GoalSet, GoalDefinition[]>>;
  /** The method of the verdicts; `sequential` unless given. */
  method?: Method;
  /** 0.05 unless given. */
  alpha?: number;
  /** `holm` unless given. */
  correction?: Correction;
  /** The smallest relative lift worth knowing (0.05 is five percent). */
  smallestLift?: number;
  /** The chance to see that lift if it is there; 0.8 unless given. */
  power?: number;
  decision?: Decision;
  /** The variant that everybody sees from now on; one of `variants` where those are given. */
  winner?: string;
  /** The share of visitors that takes part at all, from 0 to 1. As the code says unless given. */
  coverage?: number;
  /** Experiments of one group whose ranges do not overlap share no visitor. */
  exclusive?: Exclusive;
  /** Who takes part, by attributes: the others see the control and are not counted. See docs/remote-config.md. */
  targeting?: Condition;
  /** How clients turn ids into text; not to be changed while the experiment runs. */
  hashVersion?: 1 | 2;
  /** What clients call visitors: 2 as in all experiments of the namespace, 1 as version 0.1.0 did; not to be changed either. */
  unitVersion?: 1 | 2;
  /** Left out of the page's list until asked for. */
  hidden?: boolean;
}

/** A share of a group's visitors, from 0 to 1. */
export interface Exclusive {
  group: string;
  range: [from: number, to: number];
}

export interface Decision {
  /** The variant that stays; missing where the experiment was given up. */
  variant?: string;
  /** UTC day, `2026-11-20`. */
  day?: string;
  note?: string;
  /** Whose key it was, as `mem keys` names it. The report function writes it. */
  by?: string;
}

export type Scalar = string | number | boolean | null;

/** What an attribute is compared with. Several in one test must all hold. */
export interface Test {
  $eq?: Scalar;
  $ne?: Scalar;
  $in?: Scalar[];
  $nin?: Scalar[];
  /** Numbers alone: anything else is neither below nor above. */
  $lt?: number;
  $lte?: number;
  $gt?: number;
  $gte?: number;
  $exists?: boolean;
  /** Of all values of this attribute, the share from 0 to 100 that fits, drawn by the value. Raising it drops nobody. */
  $percent?: number;
}

/**
 * A rule on a visitor's attributes: a part of GrowthBook's conditions, and `$percent`. Several members must all hold;
 * `{ "plan": "pro" }` is short for `{ "plan": { "$eq": "pro" } }`.
 */
export interface Condition {
  $and?: Condition[];
  $or?: Condition[];
  $not?: Condition;
  [attribute: string]: Scalar | Test | Condition | Condition[] | undefined;
}

/** Where a definition is wrong, and what was expected there. */
export interface Fault {
  /** `goals.primary[0].metric`; empty for the definition as a whole. */
  path: string;
  message: string;
}

/** One writing of a definition, as it is kept beside it. */
export interface DefinitionChange {
  /** When, ISO 8601. */
  at: string;
  /** The name of the key, or who ran the command. */
  by: string;
  /** What is another one now, at most 20: a value that is too long to keep is left out. */
  changed: { path: string; from?: unknown; to?: unknown }[];
}
