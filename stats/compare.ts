import type { Contest } from './contest';
import { correct } from './correction';
import { describePair } from './description';
import type { Undetermined } from './estimate';
import type { CorrectedEvidence, Method, Strictness } from './evidence';
import { waitForAim, waitForMinimum } from './outlook';
import type { Comparison } from './report';
import type { Rules } from './rules';
import type { SampleRatio } from './sample-ratio';
import { invalid, judge, needData } from './verdict';
import { weigh } from './weigh';

/** Holds one family of contests: all that are corrected for each other. Answers in the order given. */
export function compareFamily(
  contests: readonly Contest[],
  rules: Rules,
  split: SampleRatio | Undetermined,
): Comparison[] {
  const weighed = rules.methods.map((method) => ({ method, all: weighFamily(method, contests, rules) }));
  return contests.map((contest, i) => {
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
  const { alpha, variants, correction } = rules;
  const weighAt = (contest: Contest, ownAlpha: number) =>
    contest.state === 'ready' ? weigh(method, contest.pair, { alpha, ownAlpha, variants }) : null;
  const alone = contests.map((contest) => weighAt(contest, alpha));

  // Abba corrects for itself, and a chance is no error rate to correct.
  if (method === 'abba' || method === 'bayesian') {
    return alone.map((evidence) => evidence && { ...evidence, adjustedP: evidence.p });
  }
  const corrected = correct(alone.map((evidence) => evidence?.p ?? null), correction, alpha);
  return contests.map((contest, i) => {
    const { ownAlpha = alpha, adjustedP = 1 } = corrected[i] ?? {};
    const evidence = ownAlpha === alpha ? alone[i] : weighAt(contest, ownAlpha);
    return evidence ? { ...evidence, adjustedP: evidence.p === null ? null : adjustedP } : null;
  });
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
    const reason = 'the arms did not get the participants they should have (sample ratio), so that they cannot be compared';
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
  const wait = waitForAim(contest.pair, method, strictness, aim, traffic);
  return { verdict: judge(method, own, contest.goal.better ?? 'higher', wait), description, evidence };
}
