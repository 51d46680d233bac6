import type { CounterReader } from '../counting/counters.ts';
import type { Definitions, Deletions, NameLists } from '../counting/ports.ts';
import { experimentName, type ExperimentRef } from '../contract/experiment-id.ts';
import { mapAtOnce } from '../runtime/map-at-once.ts';
import type { IngestNotesStore } from '../stores/dynamodb/ingest-notes/ingest-notes.ts';
import type { Imports } from '../stores/dynamodb/imports.ts';
import { releaseNames } from '../counting/limits/name-registry.ts';

export interface ForgetDeps {
  counters: Pick<CounterReader, 'generation' | 'experiments' | 'remove'>;
  deletions: Pick<Deletions, 'delete'>;
  definitions: Pick<Definitions, 'remove'>;
  imports: Pick<Imports, 'removeBefore'>;
  ingestNotes: Pick<IngestNotesStore, 'remove'>;
  nameLists: NameLists;
}

/** A deletion waits for some seconds until its time has come; many wait together. */
const MARKS_AT_ONCE = 32;

/** Does away with one experiment: see forgetExperiments(). */
export async function forgetExperiment(namespace: string, experiment: string, deps: ForgetDeps): Promise<void> {
  await forgetExperiments(namespace, [experiment], deps);
}

/**
 * Begins a new incarnation of each, then frees what the old ones held, their places among the names too, and takes
 * definitions and imported counts with them. An unknown experiment is no error.
 */
export async function forgetExperiments(
  namespace: string,
  experiments: readonly string[],
  deps: ForgetDeps,
): Promise<void> {
  const marked = await mapAtOnce(MARKS_AT_ONCE, experiments, async (experiment) => {
    const { number } = await deps.deletions.delete(experimentName(namespace, experiment));
    return { namespace, experiment, incarnation: number };
  });
  // One after the other: all of them change the namespace's list of names.
  for (const living of marked) {
    await deps.definitions.remove(namespace, living.experiment);
    await deps.imports.removeBefore(living);
    await deps.ingestNotes.remove(namespace, living.experiment);
    await removeCounters(living, deps);
    await releaseNames(living, deps.nameLists);
  }
}

async function removeCounters({ namespace, experiment, incarnation }: ExperimentRef, deps: ForgetDeps): Promise<void> {
  const generation = await deps.counters.generation();
  if (generation === undefined) return;
  const dead = (await deps.counters.experiments(generation)).filter(
    (ref) => ref.namespace === namespace && ref.experiment === experiment && ref.incarnation < incarnation,
  );
  for (const ref of dead) await deps.counters.remove(generation, ref);
}
