import type { Method, Better, Metric, GoalSet, Correction } from '../shared/contract/statistics.ts';

/** The counts of an experiment (or of one segment of it), as the counters have them. */
export interface ExperimentCounts {
  /** The name of the arm that the others are compared with. */
  readonly baseline: string;
  readonly arms: readonly ArmCounts[];
  readonly goals: readonly GoalCounts[];
}

export interface ArmCounts {
  readonly name: string;
  readonly participants: number;
  /** The configured share. Once one arm has a weight, an arm without counts as 0. */
  readonly weight?: number;
}

export interface GoalCounts {
  readonly name: string;
  readonly metric: Metric;
  readonly set: GoalSet;
  /** Which way is good; higher unless given. */
  readonly better?: Better;
  /** In any order. An arm that is not here has no conversion. */
  readonly arms: readonly GoalArmCounts[];
}

export interface GoalArmCounts {
  readonly name: string;
  readonly conversions: number;
  readonly moments?: Moments;
}

/** Per unit exposed to the arm: n is how often it reached the goal, v the sum of the values. */
export interface Moments {
  readonly units: number;
  /** Units that reached the goal at least once. */
  readonly converted: number;
  readonly sumN: number;
  readonly sumN2: number;
  readonly sumV: number;
  readonly sumV2: number;
}

export interface Settings {
  /** The method of the verdicts. */
  readonly method: Method;
  /** Further methods whose evidence is wanted, for comparison. */
  readonly alsoMethods?: readonly Method[];
  /** Fixed before the experiment starts; 0.05 unless given. */
  readonly alpha?: number;
  /** For many goals and variants, guardrails among themselves; Holm unless given. */
  readonly correction?: Correction;
  /** New participants a day, over all arms; without it no days are named. */
  readonly participantsPerDay?: number;
  /** The smallest relative lift worth knowing (0.05 is five percent); without it an experiment never waits for one. */
  readonly smallestLift?: number;
  /** Verdicts and evidence alone: arms and pairs are not described, which is most of the work. */
  readonly brief?: boolean;
  /** Comparisons of the first goal alone, corrected for all goals as ever. */
  readonly firstGoalOnly?: boolean;
  /** The chance to see that lift if it is there; 0.8 unless given. */
  readonly power?: number;
}
