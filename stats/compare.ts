import { type Contest, measure } from './pair.ts';
import { type Adjusted, correct } from './many-comparisons.ts';
import { describePair } from './description.ts';
import type {
  Comparison,
  CorrectedEvidence,
  Method,
  SampleRatio,
  Undetermined,
} from '../shared/contract/statistics.ts';
import type { Strictness } from './methods/evidence.ts';
import { daysUntilSeen, waitForMinimum } from './outlook.ts';
import type { Rules } from './experiment.ts';
import { explored, invalid, judge, needData } from './verdict.ts';
import { weigh } from './methods/weigh.ts';
import { fixedPOf } from './methods/fixed.ts';
import { sequentialPOf } from './methods/sequential.ts';

/**
 * Holds one family of contests: all that are corrected for each other. Answers in the order given, with null for those
 * that the rules do not conclude: their p alone is needed, for the correction of the others.
 */
export function compareFamily(
  contests: readonly Contest[],
  rules: Rules,
  split: SampleRatio | Undetermined,
): (Comparison | null)[] {
  const weighed = rules.methods.map((method) => ({ method, all: weighFamily(method, contests, rules) }));
  return contests.map((contest, i) => {
    if (!rules.concludes(contest.goal)) return null;
    const evidence: Partial<Record<Method, CorrectedEvidence>> = {};
    for (const { method, all } of weighed) {
      const own = all[i];
      if (own) evidence[method] = own;
    }
    return concludeContest(contest, evidence, rules, split);
  });
}

/** One method's evidence for each contest that can be held; null for the others, which still count as comparisons. */
function weighFamily(method: Method, contests: readonly Contest[], rules: Rules): (CorrectedEvidence | null)[] {
  const { alpha, variants } = rules;
  const corrected = correctFamily(method, contests, rules);
  return contests.map((contest, i) => {
    if (contest.state !== 'ready' || !rules.concludes(contest.goal)) return null;
    const { ownAlpha = alpha, adjustedP } = corrected?.[i] ?? {};
    const evidence = weigh(method, contest.pair, { alpha, ownAlpha, variants });
    return { ...evidence, adjustedP: evidence.p === null ? null : (adjustedP ?? evidence.p) };
  });
}

/** Undefined for methods that need no correction from outside: Abba has its own, and a chance is no error rate. */
function correctFamily(
  method: Method,
  contests: readonly Contest[],
  { alpha, correction, looks }: Rules,
): Adjusted[] | undefined {
  if (method === 'abba' || method === 'bayesian') return undefined;
  const pOf = ({ pair }: Extract<Contest, { state: 'ready' }>) =>
    method === 'sequential' ? sequentialPOf(pair, alpha) : fixedPOf(pair);
  return correct(
    contests.map((contest) => (contest.state === 'ready' ? pOf(contest) : null)),
    correction,
    alpha,
    looks,
  );
}

function concludeContest(
  contest: Contest,
  evidence: Comparison['evidence'],
  rules: Rules,
  split: SampleRatio | Undetermined,
): Comparison {
  if (contest.state === 'invalid') return { verdict: invalid(contest.reason), description: null, evidence };

  const description = contest.state === 'ready' && rules.describes ? describePair(contest.pair) : null;
  if (split.value !== null && split.alarm) {
    const reason =
      'the arms did not get the participants they should have (sample ratio), so that they cannot be compared';
    return { verdict: invalid(reason), description, evidence };
  }
  if (contest.state === 'short') {
    return { verdict: needData(waitForMinimum(contest.shortage, rules.traffic)), description, evidence };
  }

  const { method, alpha, variants, aim, traffic } = rules;
  const own = evidence[method];
  if (own === undefined || (own.p === null && own.chanceAbove === null)) {
    const reason = own?.lift.value === null ? own.lift.reason : 'the method has no answer';
    return { verdict: invalid(reason), description, evidence };
  }
  const strictness: Strictness = { alpha, ownAlpha: own.alpha, variants };
  if (rules.exploratory !== null) return { verdict: explored(method, own, rules.exploratory), description, evidence };
  const yardstick = {
    smallestLift: aim.smallestLift,
    days: daysUntilSeen(contest.pair, method, strictness, aim, traffic),
    neverInControl: measure(contest.pair).control.mean === 0,
  };
  return { verdict: judge(method, own, contest.goal.better ?? 'higher', yardstick), description, evidence };
}
