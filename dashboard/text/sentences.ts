import type { GoalAnswer, GoalResult } from '../../shared/contract/answers.ts';
import type { Method, Verdict } from '../../shared/contract/statistics.ts';
import { plural } from './format.ts';
import { isolate } from './isolate.ts';

/** What an interval's picture shows, for those who cannot see it. */
export function intervalSentence(goal: GoalAnswer, { variant, comparison }: GoalResult): string {
  const who = `${isolate(variant)}, ${isolate(goal.name)}`;
  return comparison ? `${who}: ${comparison.verdict.sentence}` : `${who}: the baseline, at zero`;
}

/** A verdict in a word or two. */
export function verdictWord(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'winning':
      return 'Winning';
    case 'losing':
      return 'Losing';
    case 'no clear difference':
      return 'No clear difference';
    case 'invalid':
      return 'Invalid';
    case 'need data':
      return `Needs data${waitWords(verdict.days)}`;
  }
}

/** Beyond a year the number of days is no plan any more. */
function waitWords(days: number | null): string {
  if (days === null) return '';
  return days > 365 ? ', over a year' : `, about ${plural(days, 'day')}`;
}

/** The reason of a verdict, without its first word: the chip beside it says that. */
export function verdictReason({ sentence }: Verdict): string {
  const reason = sentence.slice(sentence.indexOf(': ') + 2);
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

export const methodNames: Record<Method, string> = {
  sequential: 'Sequential',
  fixed: 'Fixed horizon',
  bayesian: 'Bayesian',
  abba: 'Abba',
};

export const methodNotes: Record<Method, string> = {
  sequential: 'may be looked at every day',
  fixed: 'holds for one look, at the planned end',
  bayesian: 'chance to be better; not safe for daily looks',
  abba: 'the numbers of Gimel’s dashboard',
};

/** The reason without the figures that follow it: beside them it would say them twice. */
export function verdictCause(verdict: Verdict): string {
  return verdictReason(verdict).replace(/;.*/s, '').replace(/\.$/, '');
}

/** How a goal is measured, in words. */
export function metricWords({ metric, name }: Pick<GoalAnswer, 'metric' | 'name'>): string {
  switch (metric) {
    case 'conversions':
      return 'conversions per participant';
    case 'pct':
      return `visitors with ${isolate(name)} at least once`;
    case 'n':
      return `how often, per visitor`;
    case 'sum':
      return `value per visitor`;
  }
}
