import { DomainError, requireBetween0And1, requireCount, requirePositive } from './domain';
import type { Method, Correction } from '../shared/contract/statistics.ts';
import type { ExperimentCounts, GoalCounts, Settings } from './experiment';
import type { Aim, Traffic } from './outlook';

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
  readonly aim: Aim;
  readonly traffic: Traffic;
}

/** Checks what holds for the whole experiment; see `analyze` for what is refused. */
export function resolveRules(settings: Settings, { baseline, arms, goals }: ExperimentCounts): Rules {
  const { method, alsoMethods = [], alpha = 0.05, correction = 'holm', power = 0.8, brief = false } = settings;
  const { firstGoalOnly = false, smallestLift = null, participantsPerDay = null } = settings;
  requireBetween0And1('alpha', alpha);
  requireBetween0And1('the power', power);
  if (smallestLift !== null) requirePositive('the smallest lift', smallestLift);
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
    variants: correction === 'none' ? 1 : Math.max(1, arms.length - 1),
    describes: !brief,
    concludes: (goal) => !firstGoalOnly || goal === goals[0],
    aim: { smallestLift, power },
    traffic: { participants: arms.reduce((sum, { participants }) => sum + participants, 0), participantsPerDay },
  };
}
