import type { ExperimentList, ExperimentListItem } from '../contract/answers.ts';
import { analyzeFamily, participantsOf } from './analyze.ts';
import { arrange } from './arrange.ts';
import { dataStateOf, isoTime, knownFacts, settingsOf, statusOf } from './conclude.ts';
import { headlineOf } from './headline.ts';
import { readAll, type CountingState, type ListedExperiment, type ReadDeps } from './read-counted.ts';
import { readPackedTally, withImported } from './tally.ts';
import { findWarnings } from './warnings/find-warnings.ts';

const GLANCE = { method: 'sequential', alsoMethods: [], brief: true, firstGoalOnly: true } as const;

export async function listExperiments(namespace: string, deps: ReadDeps): Promise<ExperimentList> {
  const { experiments, state } = await readAll(namespace, deps);
  return {
    namespace,
    rebuilding: state.rebuilding,
    experiments: experiments.map((listed) => answerListItem(listed, state)),
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
    warnings: findWarnings({ ...knownFacts(state, stored, span), arrangement, tally, whole: tally, analysis }),
    verdict: headlineOf(analysis.goals),
    decision: stored?.definition?.decision ?? null,
  };
}
