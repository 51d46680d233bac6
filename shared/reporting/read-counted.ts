import type { Checkpoints, Definitions, Deletions, Losses, StoredDefinition } from '../counting/ports.ts';
import type { CounterReader, DayCount, Watermarks } from '../counting/counters.ts';
import { EXPOSURE } from '../contract/event.ts';
import { experimentId, experimentName, type ExperimentRef } from '../contract/experiment-id.ts';
import { NOTHING_NOTICED, type IngestNotes } from '../contract/report/ingest-notes.ts';
import type { IngestNotesStore } from '../stores/dynamodb/ingest-notes/ingest-notes.ts';
import type { ImportedCounts, Imports } from '../stores/dynamodb/imports.ts';
import { compareSequence } from '../contract/sequence-number.ts';
import type { PackedTally, Span, StoredTally, TallyReader } from '../stores/redis/tally-reader.ts';
import { compareText, incarnationOf, listLiving } from './living-experiments.ts';
import { type EstimateUniques, isAmbiguous } from './participation.ts';
import { goalsOf, readTally, type Tally, variantsOf, withImported } from './tally.ts';

/** The stores that a report reads. */
export interface ReadDeps {
  counters: Pick<CounterReader, 'generation' | 'days' | 'uniques'>;
  tallies: TallyReader;
  definitions: Pick<Definitions, 'read' | 'readAll'>;
  deletions: Pick<Deletions, 'read' | 'readAll'>;
  imports: Pick<Imports, 'read' | 'readAll'>;
  losses: Pick<Losses, 'read'>;
  ingestNotes: Pick<IngestNotesStore, 'read' | 'readMany'>;
  checkpoints: Pick<Checkpoints, 'readAll'>;
  /** ms since 1970 */
  now: () => number;
}

/** One experiment of the list. */
export interface ListedExperiment {
  name: string;
  /** Undefined where nothing was counted. */
  ref: ExperimentRef | undefined;
  stored: StoredDefinition | undefined;
  notes: IngestNotes;
  tally: PackedTally;
  imported: ImportedCounts | undefined;
  span: Span | undefined;
}

/** Everything that the stores hold of one experiment. */
export interface CountedExperiment {
  ref: Pick<ExperimentRef, 'namespace' | 'experiment'>;
  stored: StoredDefinition | undefined;
  notes: IngestNotes;
  tally: StoredTally;
  imported: ImportedCounts | undefined;
  span: Span | undefined;
  /** Approximate numbers of different units (or uuids), of all visitors. */
  uniques: (variant: string, event: string) => number | undefined;
  state: CountingState;
}

/** What the stores hold of one experiment and its days. */
export interface CountedDays {
  ref: Pick<ExperimentRef, 'namespace' | 'experiment'>;
  stored: StoredDefinition | undefined;
  notes: IngestNotes;
  tally: StoredTally;
  /** They have no days: they take part in the order of variants and in how strict verdicts are. */
  imported: ImportedCounts | undefined;
  span: Span | undefined;
  /** Estimates how many were exposed to a variant; see `participationOf`. */
  exposed: EstimateUniques;
  days: readonly DayCount[];
}

/** What is true of all counters at this moment. */
export interface CountingState {
  rebuilding: boolean;
  /** Counters were lost for good before this time, ms; undefined where none were. */
  countedSince: number | undefined;
  /** The last event of any experiment, ms. */
  newest: number | undefined;
  now: number;
}

const NOTHING: StoredTally = { counts: {}, moments: {}, labels: {} };

/** One experiment with everything that its own answer needs. @param segment the one that is asked for, `platform=ios` */
export async function readExperiment(
  namespace: string,
  experiment: string,
  deps: ReadDeps,
  segment?: string,
): Promise<CountedExperiment> {
  const generation = await deps.counters.generation();
  const [place, state] = await Promise.all([
    findPlace(namespace, experiment, generation, deps, segment),
    readState(generation, deps),
  ]);
  const { newest, ...counted } = place;
  const uniques = await readUniques(generation, counted, deps);
  return { ...counted, uniques, state: { ...state, newest } };
}

/** One experiment with its days. */
export async function readDays(namespace: string, experiment: string, deps: ReadDeps): Promise<CountedDays> {
  const generation = await deps.counters.generation();
  const counted = await findPlace(namespace, experiment, generation, deps);
  const [days, exposed] = await Promise.all([
    generation === undefined ? [] : deps.counters.days(generation, counted.ref),
    readExposed(generation, counted.ref, withImported(readTally(counted.tally), counted.imported), deps),
  ]);
  return { ...counted, exposed, days };
}

/** The experiments of a namespace that live (counted or imported) or are defined, by name, and what is true of all of them. */
export async function readAll(
  namespace: string,
  deps: ReadDeps,
): Promise<{ experiments: ListedExperiment[]; generation: string | undefined; state: CountingState }> {
  const [incarnations, imports, definitions, checkpoints] = await Promise.all([
    deps.deletions.readAll(),
    deps.imports.readAll(namespace),
    deps.definitions.readAll(namespace),
    deps.checkpoints.readAll(),
  ]);
  const counted = await deps.tallies.namespace(namespace); // after the checkpoints: watermarks move first
  const found = new Map(counted.experiments.map((experiment) => [experimentId(experiment.ref), experiment]));
  const living = listLiving(namespace, { refs: counted.experiments.map(({ ref }) => ref), imports, incarnations });
  const defined = new Map(definitions.map((definition) => [definition.experiment, definition]));
  const counts = living.map(({ ref, imported }) => ({
    name: ref.experiment,
    ref,
    imported,
    stored: defined.get(ref.experiment),
    tally: found.get(experimentId(ref))?.tally ?? '',
    span: found.get(experimentId(ref))?.span,
  }));
  const names = new Set(counts.map(({ name }) => name));
  const notes = await deps.ingestNotes.readMany(namespace, [...names]);
  const waiting = [...defined.values()].filter(({ experiment }) => !names.has(experiment));
  const unseen = waiting.map((stored) => ({
    name: stored.experiment,
    ref: undefined,
    imported: undefined,
    stored,
    notes: NOTHING_NOTICED,
    tally: '',
    span: undefined,
  }));
  return {
    experiments: [...counts.map((one) => ({ ...one, notes: notes.get(one.name) ?? NOTHING_NOTICED })), ...unseen].sort(
      (a, b) => compareText(a.name, b.name),
    ),
    generation: counted.generation,
    state: {
      rebuilding: areBehind(counted.watermarks, checkpoints),
      countedSince: await readCountedSince(counted.generation, deps),
      newest: counted.newest,
      now: deps.now(),
    },
  };
}

async function findPlace(
  namespace: string,
  experiment: string,
  generation: string | undefined,
  deps: ReadDeps,
  segment?: string,
) {
  const name = experimentName(namespace, experiment);
  const [stored, incarnations, before, notes] = await Promise.all([
    deps.definitions.read(namespace, experiment),
    deps.deletions.read([name]),
    deps.imports.read(namespace, experiment),
    deps.ingestNotes.read(namespace, experiment),
  ]);
  const incarnation = incarnationOf({ namespace, experiment }, incarnations);
  const ref: ExperimentRef = { namespace, experiment, incarnation };
  const imported = before?.incarnation === incarnation ? before : undefined;
  if (generation === undefined) {
    return { ref, stored, notes, imported, tally: NOTHING, span: undefined, newest: undefined };
  }
  const [tally, { span, newest }] = await Promise.all([
    deps.tallies.tally(generation, ref, segment),
    deps.tallies.activity(generation, ref),
  ]);
  return { ref, stored, notes, imported, tally, span, newest };
}

/** Only where nothing else tells who the participants are: most lists need no estimate. */
export async function readExposed(
  generation: string | undefined,
  ref: ExperimentRef | undefined,
  tally: Tally,
  { counters }: Pick<ReadDeps, 'counters'>,
): Promise<EstimateUniques> {
  if (generation === undefined || ref === undefined || !isAmbiguous(tally)) return () => undefined;
  const pairs = variantsOf(tally).map((variant) => ({ variant, event: EXPOSURE, count: 0 }));
  const numbers = await counters.uniques(generation, ref, pairs);
  const found = new Map(pairs.map(({ variant }, i) => [variant, numbers[i]]));
  return (variant) => found.get(variant);
}

/** Visitors of an imported experiment are not among the uniques: beside its counts they would only mislead. */
async function readUniques(
  generation: string | undefined,
  { ref, tally: stored, imported }: { ref: ExperimentRef; tally: StoredTally; imported: ImportedCounts | undefined },
  { counters }: ReadDeps,
): Promise<CountedExperiment['uniques']> {
  if (generation === undefined || imported !== undefined) return () => undefined;
  const tally = readTally(stored);
  const events = [EXPOSURE, ...goalsOf(tally)];
  const pairs = variantsOf(tally).flatMap((variant) =>
    events.filter((event) => tally.counts.get(variant)?.has(event)).map((event) => ({ variant, event, count: 0 })),
  );
  const numbers = pairs.length === 0 ? [] : await counters.uniques(generation, ref, pairs);
  const found = new Map(pairs.map(({ variant, event }, i) => [JSON.stringify([variant, event]), numbers[i]]));
  return (variant, event) => found.get(JSON.stringify([variant, event]));
}

/** @returns what is true of all counters; `newest` is known to whoever has read the activity */
export async function readState(
  generation: string | undefined,
  deps: Pick<ReadDeps, 'tallies' | 'losses' | 'checkpoints' | 'now'>,
): Promise<Omit<CountingState, 'newest'>> {
  const [countedSince, rebuilding] = await Promise.all([
    readCountedSince(generation, deps),
    isRebuilding(generation, deps),
  ]);
  return { rebuilding, countedSince, now: deps.now() };
}

async function readCountedSince(
  generation: string | undefined,
  { losses }: Pick<ReadDeps, 'losses'>,
): Promise<number | undefined> {
  const since = generation === undefined ? [] : (await losses.read(generation)).map(({ countedSince }) => countedSince);
  return since.length === 0 ? undefined : Math.max(...since);
}

/** Watermarks are read last: they move first. */
async function isRebuilding(
  generation: string | undefined,
  deps: Pick<ReadDeps, 'tallies' | 'checkpoints'>,
): Promise<boolean> {
  const checkpoints = await deps.checkpoints.readAll();
  return areBehind(generation === undefined ? new Map() : await deps.tallies.watermarks(generation), checkpoints);
}

/** Whether a shard's counters are behind what was counted before. */
function areBehind(watermarks: Watermarks, checkpoints: Awaited<ReturnType<Checkpoints['readAll']>>): boolean {
  return [...checkpoints].some(([shard, { sequence }]) => {
    const watermark = watermarks.get(shard);
    return watermark === undefined || compareSequence(watermark, sequence) < 0;
  });
}
