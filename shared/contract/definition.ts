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
  /** `running` unless given. */
  status?: 'draft' | 'running' | 'ended';
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
  /** Left out of the page's list until asked for. */
  hidden?: boolean;
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
