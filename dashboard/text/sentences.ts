import type { GoalAnswer, GoalResult } from '../../shared/contract/answers.ts';
import type { Method, Metric, Verdict } from '../../shared/contract/statistics.ts';
import { formatShare, isolate, plural } from './format.ts';

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
    case 'exploratory':
      return 'Exploratory';
    case 'invalid':
      return 'Invalid';
    case 'no difference':
      return `No difference above ±${formatShare(verdict.within)}`;
    case 'too early':
      return `Too early${waitWords(verdict.days)}`;
    case 'need data':
      return `Needs data${waitWords(verdict.days)}`;
  }
}

/** Beyond a year the number of days is no plan any more. */
function waitWords(days: number | null): string {
  if (days === null) return '';
  return days > 365 ? ', over a year' : `, about ${plural(days, 'day')}`;
}

/** The reason of a verdict, for a reader who sees its chip beside it. */
export function verdictReason({ cause, figures }: Verdict): string {
  const reason = [cause, figures].filter((part) => part !== null).join('; ');
  return `${capitalized(reason)}.`;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const methodNames: Record<Method, string> = {
  sequential: 'Sequential',
  fixed: 'Fixed horizon',
  bayesian: 'Bayesian',
  abba: 'Abba',
};

export const methodNotes: Record<Method, string> = {
  sequential: 'always-valid: safe under continuous monitoring',
  fixed: 'holds for one look, at the planned end',
  bayesian: 'chance to be better; not safe for daily looks',
  abba: 'the numbers of Gimel’s dashboard',
};

/** Each way to measure a goal: as a choice, and under the goal's name. */
export const metricWords: Record<Metric, { choice: string; about: (goal: string) => string }> = {
  conversions: { choice: 'Conversions', about: () => 'conversions per participant' },
  pct: { choice: 'Visitors who reached it', about: (goal) => `visitors with ${isolate(goal)} at least once` },
  n: { choice: 'Times per visitor', about: () => 'how often, per visitor' },
  sum: { choice: 'Value per visitor', about: () => 'value per visitor' },
};

export function metricAbout({ metric, name }: Pick<GoalAnswer, 'metric' | 'name'>): string {
  return metricWords[metric].about(name);
}
