import type { ListVerdict } from '../../contract/answers.ts';
import type { Verdict } from '../../contract/statistics.ts';
import type { AnalyzedGoal } from '../analyze.ts';

/** The verdicts that say most come first. */
const NEWS: readonly Verdict['kind'][] = [
  'winning',
  'losing',
  'invalid',
  'no difference',
  'no clear difference',
  'too early',
  'exploratory',
  'need data',
];

/** Of the first goal, if it is a primary one, the variant that says most. */
export function headlineOf([first]: readonly AnalyzedGoal[]): ListVerdict | null {
  const primary = first?.set === 'primary' ? first : undefined;
  const verdicts = (primary?.report.arms ?? []).flatMap(({ name, comparison, lift }) =>
    comparison ? [{ variant: name, verdict: comparison.verdict, lift }] : [],
  );
  const [most] = verdicts.sort((a, b) => NEWS.indexOf(a.verdict.kind) - NEWS.indexOf(b.verdict.kind));
  return primary && most ? { goal: primary.label, ...most } : null;
}
