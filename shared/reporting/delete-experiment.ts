import type { CounterReader } from '../counting/counters.ts';
import type { Definitions, Deletions, NameLists } from '../counting/ports.ts';
import { experimentName } from '../contract/experiment-id.ts';
import type { Imports } from '../stores/dynamodb/imports.ts';
import { releaseNames } from '../counting/limits/name-registry.ts';

export interface ForgetDeps {
  counters: Pick<CounterReader, 'generation' | 'experiments' | 'remove'>;
  deletions: Pick<Deletions, 'delete'>;
  definitions: Pick<Definitions, 'remove'>;
  imports: Pick<Imports, 'removeBefore'>;
  nameLists: NameLists;
}

/**
 * Begins a new incarnation, then frees what the old one held, its place among the names too, and takes the definition
 * and imported counts with it. An unknown experiment is no error.
 */
export async function forgetExperiment(namespace: string, experiment: string, deps: ForgetDeps): Promise<void> {
  const living = await deps.deletions.delete(experimentName(namespace, experiment));
  await deps.definitions.remove(namespace, experiment);
  await deps.imports.removeBefore({ namespace, experiment, incarnation: living.number });
  await removeCounters(namespace, experiment, living.number, deps);
  await releaseNames({ namespace, experiment, incarnation: living.number }, deps.nameLists);
}

async function removeCounters(namespace: string, experiment: string, living: number, deps: ForgetDeps): Promise<void> {
  const generation = await deps.counters.generation();
  if (generation === undefined) return;
  const dead = (await deps.counters.experiments(generation)).filter(
    (ref) => ref.namespace === namespace && ref.experiment === experiment && ref.incarnation < living,
  );
  for (const ref of dead) await deps.counters.remove(generation, ref);
}
