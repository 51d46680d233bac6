import type { CounterReader } from '../../shared/counter-reader.ts';
import { FIRST_INCARNATION, type Deletions } from '../../shared/deletions.ts';
import { experimentName, type ExperimentRef } from '../../shared/experiment-id.ts';

export interface LivingDeps {
  counters: Pick<CounterReader, 'experiments'>;
  deletions: Pick<Deletions, 'readAll'>;
}

/** The experiments of a namespace that have been counted since they were last deleted, by name. */
export async function listLiving(namespace: string, generation: string, deps: LivingDeps): Promise<ExperimentRef[]> {
  const [refs, incarnations] = await Promise.all([deps.counters.experiments(generation), deps.deletions.readAll()]);
  return refs
    .filter((ref) => ref.namespace === namespace)
    .filter((ref) => {
      const living = incarnations.get(experimentName(ref.namespace, ref.experiment)) ?? FIRST_INCARNATION;
      return ref.incarnation === living.number;
    })
    .sort((a, b) => compareText(a.experiment, b.experiment));
}

/** Orders by code point, the same on every machine whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
