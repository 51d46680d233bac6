import type { Better, Correction, GoalSet, Method, Metric } from '../shared/contract/statistics.ts';
import { DomainError, requireBetween0And1, requireCount, requirePositive } from './numeric/domain.ts';

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
  /** The smallest relative lift worth knowing (0.05 is five percent); 0.1 unless given. */
  readonly smallestLift?: number;
  /** Verdicts and evidence alone: arms and pairs are not described, which is most of the work. */
  readonly brief?: boolean;
  /** Comparisons of the goals of these sets alone, corrected for all goals as ever. */
  readonly onlySets?: readonly GoalSet[];
  /** Why this is a look beside the experiment's own verdict, in words: then there are figures, and no verdict. */
  readonly exploratory?: string;
  /** How many such looks there are to choose from, such as segments: each p is corrected for all of them. */
  readonly looks?: number;
  /** The chance to see that lift if it is there; 0.8 unless given. */
  readonly power?: number;
}

/** The settings with their defaults filled in, and what they need of the experiment as a whole. */
export interface Rules {
  readonly method: Method;
  /** All methods whose evidence is wanted, the verdict's first. */
  readonly methods: readonly Method[];
  readonly alpha: number;
  readonly correction: Correction;
  /** Abba's number of comparisons. */
  readonly variants: number;
  /** Whether arms and pairs are described. */
  readonly describes: boolean;
  /** Whether the comparisons of a goal are wanted, beside their part in the correction of others. */
  readonly concludes: (goal: GoalCounts) => boolean;
  readonly exploratory: string | null;
  readonly looks: number;
  readonly aim: Aim;
  readonly traffic: Traffic;
}

/** How fast the experiment grows. */
export interface Traffic {
  /** Participants of all arms so far. */
  readonly participants: number;
  /** Null where it is not known. */
  readonly participantsPerDay: number | null;
}

/** What the experiment is meant to show. */
export interface Aim {
  /** Relative. */
  readonly smallestLift: number;
  readonly power: number;
}

/** The smallest lift worth knowing where nobody said: effects below ten percent take many visitors to tell from none. */
export const usualSmallestLift = 0.1;

/** Checks what holds for the whole experiment; see `analyze` for what is refused. */
export function resolveRules(settings: Settings, { baseline, arms }: ExperimentCounts): Rules {
  const { method, alsoMethods = [], alpha = 0.05, correction = 'holm', power = 0.8, brief = false } = settings;
  const {
    onlySets,
    exploratory = null,
    looks = 1,
    smallestLift = usualSmallestLift,
    participantsPerDay = null,
  } = settings;
  requireBetween0And1('alpha', alpha);
  requireBetween0And1('the power', power);
  requirePositive('the smallest lift', smallestLift);
  if (participantsPerDay !== null) requirePositive('participants per day', participantsPerDay);

  const names = arms.map(({ name }) => name);
  if (!names.includes(baseline)) throw new DomainError('the baseline', 'one of the arms', baseline);
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) !== i) throw new DomainError('the name of an arm', 'given once', name);
  }
  for (const { participants } of arms) requireCount('participants', participants);

  return {
    method,
    methods: [...new Set([method, ...alsoMethods])],
    alpha,
    correction,
    variants: correction === 'none' ? 1 : Math.max(1, arms.length - 1) * looks,
    describes: !brief,
    concludes: ({ set }) => onlySets?.includes(set) ?? true,
    exploratory,
    looks,
    aim: { smallestLift, power },
    traffic: { participants: arms.reduce((sum, { participants }) => sum + participants, 0), participantsPerDay },
  };
}
