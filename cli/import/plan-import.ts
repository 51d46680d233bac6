import { requireName } from '../../shared/reporting/put-definition.ts';
import { incarnationOf } from '../../shared/reporting/living-experiments.ts';
import type { Deletions } from '../../shared/counting/ports.ts';
import { experimentId, experimentName } from '../../shared/contract/experiment-id.ts';
import {
  encodeCounts,
  importedParticipants,
  MOST_IMPORTED_BYTES,
  type ImportedCounts,
  type Imports,
} from '../../shared/stores/dynamodb/imports.ts';
import type { ImportSource } from '../../shared/contract/answers.ts';
import type { ForeignExperiment } from './read-installation.ts';

export interface PlanDeps {
  deletions: Pick<Deletions, 'read'>;
  imports: Pick<Imports, 'readAll'>;
  /** ms since 1970 */
  now: () => number;
}

export interface ImportPlan {
  imports: PlannedImport[];
  /** What is left out or doubtful, for people. */
  notes: string[];
}

export interface PlannedImport {
  imported: ImportedCounts;
  participants: number;
  /** When counts were imported into it before, ms; those are replaced. */
  before: number | null;
}

/**
 * Decides what would be written, and writes nothing.
 * @throws Error where counts of the other system would be replaced, unless `replace`; or where some do not fit
 */
export async function planImport(
  found: readonly ForeignExperiment[],
  source: ImportSource,
  replace: boolean,
  deps: PlanDeps,
): Promise<ImportPlan> {
  const incarnations = await deps.deletions.read(
    found.map(({ namespace, experiment }) => experimentName(namespace, experiment)),
  );
  const before = await readBefore(found, deps);
  const notes: string[] = [];
  const imports = found.flatMap(({ namespace, experiment, counts, notes: own }): PlannedImport[] => {
    const fitting = counts.filter(({ variant, event }) =>
      isNamed(
        `${namespace}:counters:${experiment}:${event}:${variant}`,
        { namespace, experiment, variant, event },
        notes,
      ),
    );
    notes.push(...own);
    if (counts.length === 0) notes.push(`${namespace}/${experiment} has no counters: left out`);
    if (fitting.length === 0) return [];
    const imported = {
      namespace,
      experiment,
      incarnation: incarnationOf({ namespace, experiment }, incarnations),
      source,
      at: deps.now(),
      counts: fitting,
    };
    requireRoom(imported);
    const old = before.get(experimentId(imported));
    if (old && old.source !== source && !replace) {
      throw new Error(
        `${JSON.stringify(experiment)} of namespace ${JSON.stringify(namespace)} already has counts of ${old.source}, imported at ${new Date(old.at).toISOString()}: --replace puts these in their place; nothing is imported`,
      );
    }
    return [{ imported, participants: importedParticipants(imported), before: old?.at ?? null }];
  });
  return { imports, notes };
}

async function readBefore(
  found: readonly ForeignExperiment[],
  { imports }: PlanDeps,
): Promise<ReadonlyMap<string, ImportedCounts>> {
  const namespaces = [...new Set(found.map(({ namespace }) => namespace))];
  const before = await Promise.all(namespaces.map((namespace) => imports.readAll(namespace)));
  return new Map(before.flat().map((imported) => [experimentId(imported), imported]));
}

/** Counts of a name that no event can have would never be met by any. */
function isNamed(key: string, { namespace, ...names }: Record<string, string>, notes: string[]): boolean {
  try {
    requireName('namespace', namespace ?? '', 0);
    for (const [what, name] of Object.entries(names)) requireName(what, name, 1);
    return true;
  } catch (error) {
    notes.push(`${JSON.stringify(key)} is left out: ${(error as Error).message}`);
    return false;
  }
}

function requireRoom(imported: ImportedCounts): void {
  const bytes = Buffer.byteLength(encodeCounts(imported.counts));
  if (bytes <= MOST_IMPORTED_BYTES) return;
  throw new Error(
    `${imported.experiment}: expected counters of at most ${MOST_IMPORTED_BYTES} bytes, got ${imported.counts.length} of ${bytes} bytes; nothing is imported`,
  );
}
