import type {
  ArmDescription,
  Undetermined,
  Method,
  Correction,
  GoalSet,
  Metric,
  SampleRatio,
  Better,
  Best,
  Comparison,
} from '../shared/contract/statistics.ts';

/** All that the counts of an experiment say: plain JSON, every number finite, every missing one null. */
export interface ExperimentReport {
  readonly baseline: string;
  readonly method: Method;
  readonly alpha: number;
  readonly correction: Correction;
  readonly sampleRatio: SampleRatio | Undetermined;
  readonly goals: readonly GoalReport[];
}

export interface GoalReport {
  readonly name: string;
  readonly metric: Metric;
  readonly set: GoalSet;
  readonly better: Better;
  /** In the order of the experiment's arms. */
  readonly arms: readonly ArmReport[];
}

export interface ArmReport {
  readonly name: string;
  /** Participants for `conversions`, else units. */
  readonly units: number;
  /** Conversions for `conversions`, else units that reached the goal. */
  readonly converted: number;
  /** The rate or mean. */
  readonly measured: ArmDescription | Undetermined;
  /** Among all arms, with enough data in each; only for rates, when `bayesian` was asked for. */
  readonly best: Best | null;
  /** Relative, variant / baseline - 1; null for the baseline itself, and before there is enough data. */
  readonly lift: number | null;
  /** With the baseline; null for the baseline itself, and for goals that were not asked for. */
  readonly comparison: Comparison | null;
}
