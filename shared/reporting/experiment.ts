import { EXPOSURE } from '../contract/event.ts';
import { importedParticipants, isApproximate, type ImportedCounts } from '../stores/dynamodb/imports.ts';
import type { Method } from '../contract/statistics.ts';
import { analyzeAll, type Analysis, type AnalyzedGoal } from './analyze.ts';
import type { ExperimentAnswer, GoalAnswer, ImportAnswer, VariantAnswer } from '../contract/answers.ts';
import { arrange, type Arrangement } from './arrange.ts';
import { concernedSince, dataStateOf, isoTime, knownFacts, settingsOf, statusOf } from './conclude.ts';
import { concludeFrom } from './conclusion/conclude-from.ts';
import { headlineOf } from './conclusion/headline.ts';
import type { Settings } from '../../stats/experiment.ts';
import { exposuresOf, participantsOf, type Participation, participationOf } from './participation.ts';
import type { CountedExperiment } from './read-counted.ts';
import { countOf, goalsOf, readTally, segmentsOf, withImported, type Tally } from './tally.ts';
import { findWarnings } from './warnings/find-warnings.ts';

export interface View {
  /** `platform=ios`; all visitors unless given. */
  segment?: string;
  method?: Method;
  baseline?: string;
}

/** @throws RequestError for a baseline that is no variant */
export function answerExperiment(counted: CountedExperiment, view: View = {}): ExperimentAnswer {
  const { ref, stored, notes, span, state } = counted;
  const read = withImported(readTally(counted.tally), counted.imported);
  const participation = participationOf(read, (variant) => counted.uniques(variant, EXPOSURE));
  const participantsAre = participation.are;
  const whole = { ...read, participantsAre };
  const tally = view.segment === undefined ? whole : { ...readTally(counted.tally, view.segment), participantsAre };
  const own = analyzeOwn({ counted, whole, participation });
  const arrangement = arrange(whole, { definition: stored?.definition, notes }, view.baseline);
  const segments = segmentsOf(counted.tally);
  const exploratory = exploring(view, own.settings.method, segments);
  const settings = { ...settingsOf(stored, tally, span, view), ...exploratory };
  const isOwn = exploratory === undefined && arrangement.baseline === own.arrangement.baseline;
  const analysis = isOwn ? own.analysis : analyzeAll({ arrangement, tally, settings });
  const shown: Shown = {
    arrangement,
    analysis,
    tally,
    whole,
    uniques: view.segment === undefined ? counted.uniques : () => undefined,
  };

  return {
    namespace: ref.namespace,
    name: ref.experiment,
    status: statusOf(stored),
    data: dataStateOf(whole),
    segment: view.segment ?? null,
    segments,
    firstEvent: isoTime(span?.first),
    lastEvent: isoTime(span?.last),
    countedSince: isoTime(concernedSince(state.countedSince, stored, span)),
    imported: answerImported(tally.imported),
    rebuilding: state.rebuilding,
    definition: stored?.definition ?? null,
    definedAt: isoTime(stored?.writtenAt),
    baseline: arrangement.baseline ?? null,
    method: settings.method,
    alpha: settings.alpha ?? 0.05,
    correction: settings.correction ?? 'holm',
    sampleRatio: analysis.sampleRatio,
    exploratory: exploratory !== undefined,
    conclusion: own.conclusion,
    headline: headlineOf(own.analysis.goals),
    participantsAre,
    variants: answerVariants(shown),
    goals: analysis.goals.map((goal) => answerGoal(goal, shown)),
    metrics: analysis.metrics.map((goal) => answerGoal(goal, shown)),
    moreGoals: [],
    leftOut: [...notes.leftOut],
    warnings: findWarnings({
      ...knownFacts(state, counted),
      ...{ arrangement, tally, whole, participation, analysis },
      labels: counted.tally.labels,
    }),
  };
}

interface OwnSubject {
  counted: CountedExperiment;
  whole: Tally;
  participation: Participation;
}

/** By the experiment's own method and baseline, over all visitors: what it is concluded from, whatever is looked at. */
function analyzeOwn({ counted, whole, participation }: OwnSubject) {
  const { stored, notes, span, state } = counted;
  const arrangement = arrange(whole, { definition: stored?.definition, notes });
  const settings = settingsOf(stored, whole, span);
  const analysis = analyzeAll({ arrangement, tally: whole, settings });
  const facts = { ...knownFacts(state, counted), arrangement, tally: whole, whole, participation, analysis };
  return {
    arrangement,
    settings,
    analysis,
    conclusion: concludeFrom({ facts, settings, data: dataStateOf(whole), warnings: findWarnings(facts) }),
  };
}

/** What makes a view one beside the experiment's own, as settings; undefined for its own. */
function exploring(
  { segment, method }: View,
  ownMethod: Method,
  segments: Readonly<Record<string, readonly string[]>>,
): Pick<Settings, 'exploratory' | 'looks'> | undefined {
  const all = Object.values(segments).reduce((sum, values) => sum + values.length, 0);
  const why = [
    ...(segment === undefined ? [] : [`one of ${all} ${all === 1 ? 'segment' : 'segments'}`]),
    ...(method === undefined || method === ownMethod
      ? []
      : [`by another method than the experiment's own, ${ownMethod}`]),
  ];
  if (why.length === 0) return undefined;
  return { exploratory: why.join(', '), looks: segment === undefined ? 1 : Math.max(1, all) };
}

function answerImported(imported: ImportedCounts | undefined): ImportAnswer | null {
  if (imported === undefined) return null;
  const { source, at } = imported;
  return {
    source,
    at: new Date(at).toISOString(),
    participants: importedParticipants(imported),
    approximate: isApproximate(imported),
  };
}

interface Shown {
  arrangement: Arrangement;
  analysis: Analysis;
  tally: Tally;
  whole: Tally;
  uniques: CountedExperiment['uniques'];
}

function answerVariants({ arrangement, analysis: { sampleRatio }, tally, uniques }: Shown): VariantAnswer[] {
  const expected = sampleRatio.value === null || sampleRatio.assumed ? [] : sampleRatio.expected;
  const describe = (name: string) => ({
    name,
    participants: participantsOf(tally, name),
    exposures: exposuresOf(tally, name),
    approximateUniques: uniques(name, EXPOSURE) ?? null,
    units: finiteOrNull(tally.visitors.get(name)?.units),
    crossovers: finiteOrNull(tally.visitors.get(name)?.crossovers),
  });
  return [
    ...arrangement.variants.map(({ name, weight }, i) => ({
      ...describe(name),
      weight: weight ?? null,
      expected: expected[i] ?? null,
      compared: true,
    })),
    ...arrangement.unknown.map((name) => ({ ...describe(name), weight: null, expected: null, compared: false })),
  ];
}

function answerGoal(goal: AnalyzedGoal, { tally, whole, uniques }: Shown): GoalAnswer {
  const { id, label, name, metric, set, better, description, report } = goal;
  return {
    id,
    label,
    name,
    metric,
    set,
    better,
    description: description ?? null,
    received: goalsOf(whole).includes(name),
    results: report.arms.map(({ name: variant, units, converted, measured, best, comparison }) => ({
      variant,
      count: countOf(tally, variant, name) || 0,
      approximateUniques: uniques(variant, name) ?? null,
      units,
      converted,
      measured,
      best,
      comparison,
    })),
  };
}

function finiteOrNull(number: number | undefined): number | null {
  return number !== undefined && Number.isFinite(number) ? number : null;
}
