import type { ExperimentRef } from '../../contract/experiment-id.ts';
import { RequestError } from '../../runtime/errors.ts';
import { listLiving } from '../living-experiments.ts';
import { nearNames } from './near-names.ts';
import { readState, type CountedExperiment, type ReadDeps } from '../read-counted.ts';

type Found = Pick<CountedExperiment, 'ref' | 'stored' | 'tally' | 'imported' | 'span'>;

/** The experiment that was asked for has never been. */
export class UnknownExperiment extends RequestError {
  override name = 'UnknownExperiment';

  constructor(
    message: string,
    /** Experiments of the same namespace whose names are like it, the nearest first. */
    readonly near: readonly string[],
  ) {
    super(404, 'unknown_experiment', message);
  }
}

/**
 * Makes sure that somebody has named an experiment: an event, a definition or an import.
 * @throws UnknownExperiment with the names that are near; not while counters are being rebuilt, when it may be among them
 */
export async function requireKnown(found: Found, deps: ReadDeps): Promise<void> {
  if (isKnown(found)) return;
  if ((await readState(await deps.counters.generation(), deps)).rebuilding) return;
  const { namespace, experiment } = found.ref;
  const hints = await findHints({ namespace, experiment }, deps);
  const message = `expected an experiment of the namespace ${quote(namespace)}, got ${quote(experiment)}, of which nothing is known`;
  throw new UnknownExperiment([message, ...hints.told].join('; '), hints.near);
}

/** What somebody may have meant who named an experiment that is not there, for programs and for people. */
export async function findHints({ namespace, experiment }: Place, deps: ReadDeps) {
  const refs = await listAll(namespace, deps);
  const near = nearNames(
    experiment,
    refs.filter((ref) => ref.namespace === namespace).map((ref) => ref.experiment),
  );
  const other = refs.find((ref) => ref.experiment === experiment && ref.namespace !== namespace);
  const told = [
    ...(near.length > 0 ? [`near it: ${near.map(quote).join(', ')}`] : []),
    ...(other ? [`there is one of this name in the namespace ${quote(other.namespace)}`] : []),
  ];
  return { near, told };
}

/** Whether an event, a definition or an import has ever named it, in its present incarnation. */
export function isKnown({ stored, tally, imported, span }: Omit<Found, 'ref'>): boolean {
  const isCounted = span !== undefined || Object.keys(tally.counts).length > 0;
  return isCounted || stored !== undefined || imported !== undefined;
}

type Place = Pick<ExperimentRef, 'namespace' | 'experiment'>;

/** What lives: of this namespace all, of the others what has been counted. */
async function listAll(namespace: string, deps: ReadDeps): Promise<Place[]> {
  const generation = await deps.counters.generation();
  const [refs, imports, definitions, incarnations] = await Promise.all([
    generation === undefined ? [] : deps.tallies.active(generation),
    deps.imports.readAll(namespace),
    deps.definitions.readAll(namespace),
    deps.deletions.readAll(),
  ]);
  const namespaces = new Set([namespace, ...refs.map((ref) => ref.namespace)]);
  const living = [...namespaces].flatMap((one) => listLiving(one, { refs, imports, incarnations }));
  const defined = definitions.map(({ experiment }) => ({ namespace, experiment }));
  return [...living.map(({ ref }) => ref), ...defined];
}

function quote(name: string): string {
  return JSON.stringify(name);
}
