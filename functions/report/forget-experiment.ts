import type { CounterReader } from '../../shared/counter-reader.ts';
import type { Definitions } from '../../shared/definitions.ts';
import type { Deletions } from '../../shared/deletions.ts';
import { experimentName } from '../../shared/experiment-id.ts';
import type { Imports } from '../../shared/imports.ts';

export interface ForgetDeps {
  counters: Pick<CounterReader, 'generation' | 'experiments' | 'remove'>;
  deletions: Pick<Deletions, 'delete'>;
  definitions: Pick<Definitions, 'remove'>;
  imports: Pick<Imports, 'removeBefore'>;
}

/**
 * Begins a new incarnation, then frees what the old one held, and takes the definition and imported counts with it. An unknown experiment is
 * no error.
 */
export async function forgetExperiment(namespace: string, experiment: string, deps: ForgetDeps): Promise<void> {
  const living = await deps.deletions.delete(experimentName(namespace, experiment));
  await deps.definitions.remove(namespace, experiment);
  await deps.imports.removeBefore({ namespace, experiment, incarnation: living.number });
  const generation = await deps.counters.generation();
  if (generation === undefined) return;
  const dead = (await deps.counters.experiments(generation)).filter(
    (ref) => ref.namespace === namespace && ref.experiment === experiment && ref.incarnation < living.number,
  );
  for (const ref of dead) await deps.counters.remove(generation, ref);
}
