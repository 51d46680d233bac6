import type { ExperimentList, ExperimentListItem, Warning, WarningCount } from '../contract/answers.ts';
import { analyzeFamily } from './analyze.ts';
import { arrange } from './arrange.ts';
import { dataStateOf, isoTime, knownFacts, settingsOf, statusOf } from './conclude.ts';
import { concludeFrom } from './conclusion/conclude-from.ts';
import { headlineOf } from './conclusion/headline.ts';
import { type EstimateUniques, participantsOf, participationOf } from './participation.ts';
import { readAll, readExposed, type CountingState, type ListedExperiment, type ReadDeps } from './read-counted.ts';
import { compareText } from './living-experiments.ts';
import { readPackedTally, type Tally, withImported } from './tally.ts';
import { findWarnings } from './warnings/find-warnings.ts';

const GLANCE = { alsoMethods: [], brief: true, onlySets: ['primary', 'guardrail'] } as const;

/** Which part of a list is asked for. */
export interface ListPage {
  /** The last name of the page before. */
  after?: string;
  /** All that are left, unless given. */
  limit?: number;
}

/** Characters of a page's items at most: under 1 MB on its way, even where names are long and made up. */
const MOST_CHARACTERS = 1_300_000;

/** Read together: a thousand tallies at once would be much work for the garbage collector, one at a time many trips. */
const AT_ONCE = 50;

/** @param page the whole list unless given */
export async function listExperiments(namespace: string, deps: ReadDeps, page?: ListPage): Promise<ExperimentList> {
  const { experiments, generation, state } = await readAll(namespace, deps);
  const { after, limit = Infinity } = page ?? {};
  const left = after === undefined ? experiments : experiments.filter(({ name }) => compareText(name, after) > 0);
  const shown = await firstThatFit(left.slice(0, limit), page === undefined ? Infinity : MOST_CHARACTERS, {
    toItem: (opened) => answerListItem(opened, state),
    open: (listed) => openListed(listed, generation, deps),
  });
  return {
    namespace,
    rebuilding: state.rebuilding,
    experiments: shown,
    next: shown.length < left.length ? (shown.at(-1)?.name ?? null) : null,
  };
}

interface Opened extends ListedExperiment {
  counted: Tally;
  exposed: EstimateUniques;
}

async function openListed(
  listed: ListedExperiment,
  generation: string | undefined,
  deps: Pick<ReadDeps, 'counters'>,
): Promise<Opened> {
  const counted = withImported(readPackedTally(listed.tally), listed.imported);
  return { ...listed, counted, exposed: await readExposed(generation, listed.ref, counted, deps) };
}

/** At least one, and as many as go into so many characters of JSON. */
async function firstThatFit(
  listed: readonly ListedExperiment[],
  mostCharacters: number,
  { open, toItem }: { open: (one: ListedExperiment) => Promise<Opened>; toItem: (one: Opened) => ExperimentListItem },
): Promise<ExperimentListItem[]> {
  const shown: ExperimentListItem[] = [];
  let characters = 0;
  for (let first = 0; first < listed.length; first += AT_ONCE) {
    for (const opened of await Promise.all(listed.slice(first, first + AT_ONCE).map(open))) {
      const item = toItem(opened);
      if (mostCharacters < Infinity) characters += JSON.stringify(item).length;
      if (characters > mostCharacters && shown.length > 0) return shown;
      shown.push(item);
    }
  }
  return shown;
}

/** One line of the list: what the experiment's own answer says, without what only that shows. */
function answerListItem(
  { name, stored, notes, counted, exposed, span }: Opened,
  state: CountingState,
): ExperimentListItem {
  const participation = participationOf(counted, exposed);
  const tally = { ...counted, participantsAre: participation.are };
  const arrangement = arrange(tally, { definition: stored?.definition, notes });
  const settings = { ...settingsOf(stored, tally, span), ...GLANCE };
  const analysis = analyzeFamily(
    arrangement.goals.filter(({ set }) => set !== 'other'),
    { arrangement, tally, settings },
  );
  const facts = {
    ...knownFacts(state, { stored, notes, span }),
    arrangement,
    tally,
    whole: tally,
    participation,
    analysis,
  };
  const warnings = findWarnings(facts);
  const data = dataStateOf(tally);
  return {
    name,
    status: statusOf(stored),
    data,
    hidden: stored?.definition?.hidden ?? false,
    defined: stored !== undefined,
    firstEvent: isoTime(span?.first),
    lastEvent: isoTime(span?.last),
    participants: [...tally.counts.keys()].reduce((sum, variant) => sum + participantsOf(tally, variant), 0),
    participantsAre: participation.are,
    variants: arrangement.variants.length,
    goals: arrangement.goals.length,
    warnings: countByCode(warnings),
    verdict: headlineOf(analysis.goals),
    conclusion: concludeFrom({ facts, settings, data, warnings }),
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
