import type { ArmDescription, PairDescription } from './description.ts';
import type { Undetermined } from './estimate.ts';
import type { CorrectedEvidence, Method } from './methods/evidence.ts';
import type { Correction, GoalSet, Metric } from './experiment.ts';
import type { SampleRatio } from './sample-ratio.ts';
import type { Better, Verdict } from './verdict.ts';

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
