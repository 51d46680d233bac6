import type { ExperimentList, ExperimentListItem, Warning, WarningCount } from '../contract/answers.ts';
import { analyzeFamily, participantsOf } from './analyze.ts';
import { arrange } from './arrange.ts';
import { dataStateOf, isoTime, knownFacts, settingsOf, statusOf } from './conclude.ts';
import { headlineOf } from './headline.ts';
import { readAll, type CountingState, type ListedExperiment, type ReadDeps } from './read-counted.ts';
import { compareText } from './living-experiments.ts';
import { readPackedTally, withImported } from './tally.ts';
import { findWarnings } from './warnings/find-warnings.ts';

const GLANCE = { method: 'sequential', alsoMethods: [], brief: true, firstGoalOnly: true } as const;

/** Which part of a list is asked for. */
export interface ListPage {
  /** The last name of the page before. */
  after?: string;
  /** All that are left, unless given. */
  limit?: number;
}

/** Characters of a page's items at most: under 1 MB on its way, even where names are long and made up. */
const MOST_CHARACTERS = 1_300_000;

/** @param page the whole list unless given */
export async function listExperiments(namespace: string, deps: ReadDeps, page?: ListPage): Promise<ExperimentList> {
  const { experiments, state } = await readAll(namespace, deps);
  const { after, limit = Infinity } = page ?? {};
  const left = after === undefined ? experiments : experiments.filter(({ name }) => compareText(name, after) > 0);
  const shown: ExperimentListItem[] = [];
  let characters = 0;
  for (const listed of left.slice(0, limit)) {
    const item = answerListItem(listed, state);
    if (page) characters += JSON.stringify(item).length;
    if (characters > MOST_CHARACTERS && shown.length > 0) break;
    shown.push(item);
  }
  return {
    namespace,
    rebuilding: state.rebuilding,
    experiments: shown,
    next: shown.length < left.length ? (shown.at(-1)?.name ?? null) : null,
  };
}

/** One line of the list: what the experiment's own answer says, without what only that shows. */
function answerListItem(
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
    warnings: countByCode(
      findWarnings({ ...knownFacts(state, stored, span), arrangement, tally, whole: tally, analysis }),
    ),
    verdict: headlineOf(analysis.goals),
    decision: stored?.definition?.decision ?? null,
  };
}

function countByCode(warnings: readonly Warning[]): WarningCount[] {
  const counted = new Map<Warning['code'], WarningCount>();
  for (const { code, severity } of warnings) {
    counted.set(code, { code, severity, count: (counted.get(code)?.count ?? 0) + 1 });
  }
  return [...counted.values()];
}
