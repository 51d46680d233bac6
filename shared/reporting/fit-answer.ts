import type { ExperimentAnswer, GoalAnswer } from '../contract/answers.ts';

/**
 * Results that one answer holds at most, some 350 bytes each on their way: an answer stays under 1 MB, and as it is
 * stored under the 6 MB of a function's answer. Three variants with a hundred goals are 1,200.
 */
const MOST_RESULTS = 2_000;

/**
 * An answer with as many goals as one may hold, in their order: primary ones first, each with its further metrics. What
 * is said of those is said of them among all.
 * @param goal answers this one alone
 */
export function fitAnswer(answer: ExperimentAnswer, goal?: string): ExperimentAnswer {
  const sizes = sizesOf([...answer.goals, ...answer.metrics]);
  const shown = new Set(goal === undefined ? firstThatFit(sizes) : [goal]);
  const isShown = ({ name }: GoalAnswer) => shown.has(name);
  return {
    ...answer,
    goals: answer.goals.filter(isShown),
    metrics: answer.metrics.filter(isShown),
    moreGoals: [...sizes.keys()].filter((name) => !shown.has(name)),
  };
}

/** Name -> how many results. */
function sizesOf(goals: readonly GoalAnswer[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { name, results } of goals) sizes.set(name, (sizes.get(name) ?? 0) + results.length);
  return sizes;
}

/** The first one always. */
function firstThatFit(sizes: ReadonlyMap<string, number>): string[] {
  let sum = 0;
  return [...sizes].flatMap(([name, size], index) => {
    sum += size;
    return index === 0 || sum <= MOST_RESULTS ? [name] : [];
  });
}
