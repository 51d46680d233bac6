import type { Estimate, Undetermined, Verdict } from '../../contract/statistics.ts';
import type { AnalyzedGoal } from '../analyze.ts';

/** What one goal says of one variant. */
export interface Told {
  goal: AnalyzedGoal;
  verdict: Verdict;
  /** Relative; null where the data define none. */
  lift: number | null;
  difference: Estimate | Undetermined | undefined;
}

/** Where a variant stands in all primary goals and all guardrails. */
export interface Standing {
  variant: string;
  primary: Told[];
  wins: Told[];
  loses: Told[];
  harmed: Told[];
  /** Guardrails that nobody can judge yet. */
  unknown: Told[];
  invalid: Told[];
  /** Whether the interval of every primary goal lies within what is worth knowing. */
  flat: boolean;
}

/** @param goals with the comparisons by the experiment's own method over all visitors */
export function standingsOf(goals: readonly AnalyzedGoal[], variants: readonly string[]): Standing[] {
  const decisive = goals.filter(({ set }) => set === 'primary' || set === 'guardrail');
  return variants.map((variant) => {
    const told = decisive.flatMap((goal) => tell(goal, variant));
    const primary = told.filter(({ goal }) => goal.set === 'primary');
    const guardrails = told.filter(({ goal }) => goal.set === 'guardrail');
    return {
      variant,
      primary,
      wins: primary.filter(is('winning')),
      loses: primary.filter(is('losing')),
      harmed: guardrails.filter(is('losing')),
      unknown: guardrails.filter(is('need data', 'too early')),
      invalid: told.filter(is('invalid')),
      flat: primary.length > 0 && primary.every(is('no difference')),
    };
  });
}

function is(...kinds: Verdict['kind'][]): (told: Told) => boolean {
  return ({ verdict }) => kinds.includes(verdict.kind);
}

function tell(goal: AnalyzedGoal, variant: string): Told[] {
  const arm = goal.report.arms.find(({ name }) => name === variant);
  if (!arm?.comparison) return [];
  const { verdict, evidence } = arm.comparison;
  // The experiment's own method is the first that was asked for.
  const [own] = Object.values(evidence);
  return [{ goal, verdict, lift: arm.lift, difference: own?.difference }];
}
