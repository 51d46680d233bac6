import type { Checkpoints } from '../../shared/checkpoints.ts';
import type { CounterReader } from '../../shared/counter-reader.ts';
import type { Definitions } from '../../shared/definitions.ts';
import type { Deletions } from '../../shared/deletions.ts';
import { EXPOSURE } from '../../shared/event.ts';
import { experimentId, experimentName, type ExperimentRef } from '../../shared/experiment-id.ts';
import type { ImportedCounts, Imports } from '../../shared/imports.ts';
import type { Losses } from '../../shared/losses.ts';
import { compareSequence } from '../../shared/sequence-number.ts';
import type { StoredTally, TallyReader } from '../../shared/tally-reader.ts';
import type { CountingState } from './conclude.ts';
import type { CountedExperiment } from './experiment-answer.ts';
import type { ListedExperiment } from './list-answer.ts';
import { compareText, incarnationOf, listLiving } from './living-experiments.ts';
import type { CountedDays } from './series-answer.ts';
import { goalsOf, readTally, variantsOf } from './tally.ts';

/** The stores that a report reads. */
export interface ReadDeps {
  counters: Pick<CounterReader, 'generation' | 'days' | 'uniques'>;
  tallies: TallyReader;
  definitions: Pick<Definitions, 'read' | 'readAll'>;
  deletions: Pick<Deletions, 'read' | 'readAll'>;
  imports: Pick<Imports, 'read' | 'readAll'>;
  losses: Pick<Losses, 'read'>;
  checkpoints: Pick<Checkpoints, 'readAll'>;
  /** ms since 1970 */
  now: () => number;
}

const NOTHING: StoredTally = { counts: {}, moments: {} };

/** One experiment with everything that its own answer needs. */
export async function readExperiment(namespace: string, experiment: string, deps: ReadDeps): Promise<CountedExperiment> {
  const generation = await deps.counters.generation();
  const [place, state] = await Promise.all([
    findPlace(namespace, experiment, generation, deps),
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
  const days = generation === undefined ? [] : await deps.counters.days(generation, counted.ref);
  return { ...counted, days };
}

/** The experiments of a namespace that live (counted or imported) or are defined, by name, and what is true of all of them. */
export async function readAll(
  namespace: string,
  deps: ReadDeps,
): Promise<{ experiments: ListedExperiment[]; state: CountingState }> {
  const generation = await deps.counters.generation();
  const [counted, incarnations, imports, definitions, state] = await Promise.all([
    generation === undefined ? undefined : deps.tallies.experiments(generation),
    deps.deletions.readAll(),
    deps.imports.readAll(namespace),
    deps.definitions.readAll(namespace),
    readState(generation, deps),
  ]);
  const living = listLiving(namespace, { refs: counted?.refs ?? [], imports, incarnations });
  const tallies = generation === undefined ? [] : await deps.tallies.tallies(generation, living.map(({ ref }) => ref));
  const defined = new Map(definitions.map((definition) => [definition.experiment, definition]));
  const listed = living.map(({ ref, imported }, i) => ({
    name: ref.experiment,
    imported,
    stored: defined.get(ref.experiment),
    tally: tallies[i] ?? NOTHING,
    span: counted?.spans.get(experimentId(ref)),
  }));
  const names = new Set(listed.map(({ name }) => name));
  const waiting = [...defined.values()].filter(({ experiment }) => !names.has(experiment));
  const unseen = waiting.map((stored) => ({ name: stored.experiment, imported: undefined, stored, tally: NOTHING, span: undefined }));
  return {
    experiments: [...listed, ...unseen].sort((a, b) => compareText(a.name, b.name)),
    state: { ...state, newest: counted?.newest },
  };
}

async function findPlace(namespace: string, experiment: string, generation: string | undefined, deps: ReadDeps) {
  const name = experimentName(namespace, experiment);
  const [stored, incarnations, before] = await Promise.all([
    deps.definitions.read(namespace, experiment),
    deps.deletions.read([name]),
    deps.imports.read(namespace, experiment),
  ]);
  const incarnation = incarnationOf({ namespace, experiment }, incarnations);
  const ref: ExperimentRef = { namespace, experiment, incarnation };
  const imported = before?.incarnation === incarnation ? before : undefined;
  if (generation === undefined) return { ref, stored, imported, tally: NOTHING, span: undefined, newest: undefined };
  const [[tally = NOTHING], { span, newest }] = await Promise.all([
    deps.tallies.tallies(generation, [ref]),
    deps.tallies.activity(generation, ref),
  ]);
  return { ref, stored, imported, tally, span, newest };
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
  const [losses, rebuilding] = await Promise.all([
    generation === undefined ? [] : deps.losses.read(generation),
    isRebuilding(generation, deps),
  ]);
  const since = losses.map(({ countedSince }) => countedSince);
  return { rebuilding, countedSince: since.length === 0 ? undefined : Math.max(...since), now: deps.now() };
}

/** Whether a shard's counters are behind what was counted before. Watermarks are read last: they move first. */
async function isRebuilding(generation: string | undefined, deps: Pick<ReadDeps, 'tallies' | 'checkpoints'>): Promise<boolean> {
  const checkpoints = await deps.checkpoints.readAll();
  if (generation === undefined) return checkpoints.size > 0;
  const watermarks = await deps.tallies.watermarks(generation);
  return [...checkpoints].some(([shard, { sequence }]) => {
    const watermark = watermarks.get(shard);
    return watermark === undefined || compareSequence(watermark, sequence) < 0;
  });
}
