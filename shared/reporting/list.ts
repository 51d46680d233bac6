import type { StoredDefinition } from '../stores/dynamodb/definitions.ts';
import type { ImportedCounts } from '../stores/dynamodb/imports.ts';
import type { PackedTally, Span } from '../stores/redis/tally-reader.ts';
import type { Verdict } from '../contract/statistics.ts';
import { analyzeFamily, participantsOf, type AnalyzedGoal } from './analyze.ts';
import type { ExperimentListItem, ListVerdict } from '../contract/answers.ts';
import { arrange } from './arrange.ts';
import { dataStateOf, isoTime, knownFacts, settingsOf, statusOf, type CountingState } from './conclude.ts';
import { readPackedTally, withImported } from './tally.ts';
import { findWarnings } from './warnings/find-warnings.ts';

export interface ListedExperiment {
  name: string;
  stored: StoredDefinition | undefined;
  tally: PackedTally;
  imported: ImportedCounts | undefined;
  span: Span | undefined;
}

/** The verdicts that say most come first. */
const NEWS: readonly Verdict['kind'][] = ['winning', 'losing', 'invalid', 'no clear difference', 'need data'];

const GLANCE = { method: 'sequential', alsoMethods: [], brief: true, firstGoalOnly: true } as const;

/** One line of the list: what the experiment's own answer says, without what only that shows. */
export function answerListItem(
  { name, stored, tally: packed, imported, span }: ListedExperiment,
  state: CountingState,
): ExperimentListItem {
  // Not before: a thousand tallies at once would be much work for the garbage collector.
  const tally = withImported(readPackedTally(packed), imported);
  const arrangement = arrange(tally, stored?.definition);
  const settings = { ...settingsOf(stored, tally, span), ...GLANCE };
  const analysis = analyzeFamily(
    arrangement.goals.filter(({ set }) => set !== 'other'),
    { arrangement, tally, settings },
  );
  return {
    name,
    status: statusOf(stored),
    data: dataStateOf(tally),
    hidden: stored?.definition?.hidden ?? false,
    defined: stored !== undefined,
    firstEvent: isoTime(span?.first),
    lastEvent: isoTime(span?.last),
    participants: [...tally.counts.keys()].reduce((sum, variant) => sum + participantsOf(tally, variant), 0),
    variants: arrangement.variants.length,
    goals: arrangement.goals.length,
    warnings: findWarnings({ ...knownFacts(state, stored, span), arrangement, tally, whole: tally, analysis }),
    verdict: verdictOf(analysis.goals),
    decision: stored?.definition?.decision ?? null,
  };
}

/** Of the first goal, if it is a primary one, the variant that says most. */
function verdictOf([first]: readonly AnalyzedGoal[]): ListVerdict | null {
  const primary = first?.set === 'primary' ? first : undefined;
  const verdicts = (primary?.report.arms ?? []).flatMap(({ name, comparison, lift }) =>
    comparison ? [{ variant: name, verdict: comparison.verdict, lift }] : [],
  );
  const [most] = verdicts.sort((a, b) => NEWS.indexOf(a.verdict.kind) - NEWS.indexOf(b.verdict.kind));
  return primary && most ? { goal: primary.label, ...most } : null;
}
