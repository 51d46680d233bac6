import type { GoalResult } from '../../shared/contract/answers.ts';
import type { Estimate, Method, Verdict } from '../../shared/contract/statistics.ts';

/** The lift that may be shown: by the method of the verdict, and none before there is enough data. */
export function shownLift({ comparison }: GoalResult, method: Method): Estimate | null {
  const lift = comparison?.evidence[method]?.lift;
  return lift && lift.value !== null ? lift : null;
}

/** Blue or orange only for what is beyond doubt. */
export function toneOf(verdict: Verdict | undefined): 'good' | 'bad' | 'plain' {
  if (verdict?.kind === 'winning') return 'good';
  if (verdict?.kind === 'losing') return 'bad';
  return 'plain';
}
