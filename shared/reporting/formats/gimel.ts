import type { Count } from '../../counting/counters.ts';
import { EXPOSURE } from '../../contract/event.ts';
import { sortedNames } from '../living-experiments.ts';

/** One goal as Gimel and Lamed report it. */
export interface GimelGoal {
  goal: string;
  results: { label: string; successes: number; trials: number }[];
}

/**
 * Lays an experiment's counts out as Gimel does: trials are exposures, which are not a goal themselves.
 * @param counts those of the same variant and event are added up
 */
export function gimelGoals(counts: readonly Count[]): GimelGoal[] {
  const whole = counts.filter(({ segment }) => segment === undefined);
  const countOf = (variant: string, event: string) =>
    whole.reduce((sum, count) => (count.variant === variant && count.event === event ? sum + count.count : sum), 0);
  const variants = sortedNames(whole.map(({ variant }) => variant));
  const goals = sortedNames(whole.map(({ event }) => event)).filter((event) => event !== EXPOSURE);
  return goals.map((goal) => ({
    goal,
    results: variants.map((label) => ({
      label,
      successes: countOf(label, goal),
      trials: countOf(label, EXPOSURE),
    })),
  }));
}
