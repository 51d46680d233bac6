import {
  FIRST_INCARNATION,
  type Incarnation,
  experimentId,
  experimentName,
  type ExperimentRef,
} from '../contract/experiment-id.ts';
import type { ImportedCounts } from '../stores/dynamodb/imports.ts';

export interface LivingExperiment {
  ref: ExperimentRef;
  /** What another system had counted of it. */
  imported: ImportedCounts | undefined;
}

export interface Known {
  /** Experiments that have been counted, dead incarnations too. */
  refs: readonly ExperimentRef[];
  imports: readonly ImportedCounts[];
  incarnations: ReadonlyMap<string, Incarnation>;
}

/** The experiments of a namespace that have been counted or imported since they were last deleted, by name. */
export function listLiving(namespace: string, { refs, imports, incarnations }: Known): LivingExperiment[] {
  const lives = (ref: ExperimentRef) =>
    ref.namespace === namespace && ref.incarnation === incarnationOf(ref, incarnations);
  const living = new Map(
    refs.filter(lives).map((ref) => [experimentId(ref), { ref, imported: undefined as ImportedCounts | undefined }]),
  );
  for (const imported of imports.filter(lives)) {
    const { experiment, incarnation } = imported;
    living.set(experimentId(imported), { ref: { namespace, experiment, incarnation }, imported });
  }
  return [...living.values()].sort((a, b) => compareText(a.ref.experiment, b.ref.experiment));
}

/** The present incarnation of an experiment, whichever one `ref` is of. */
export function incarnationOf(
  { namespace, experiment }: Omit<ExperimentRef, 'incarnation'>,
  incarnations: Known['incarnations'],
): number {
  return (incarnations.get(experimentName(namespace, experiment)) ?? FIRST_INCARNATION).number;
}

/** Orders by code point, the same on every machine whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Each name once, in the order of code points. */
export function sortedNames(names: readonly string[]): string[] {
  return [...new Set(names)].sort(compareText);
}
