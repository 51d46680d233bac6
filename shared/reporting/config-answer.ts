import type { ConfigAnswer, ExperimentConfig } from '../contract/answers.ts';
import type { Definition } from '../contract/definition.ts';
import { weightsOf } from '../contract/definition-changes.ts';
import { experimentName } from '../contract/experiment-id.ts';
import type { Definitions, Deletions, StoredDefinition } from '../counting/ports.ts';

export interface ConfigDeps {
  definitions: Pick<Definitions, 'readAll'>;
  deletions: Pick<Deletions, 'readAll'>;
}

/** What a namespace's clients need to show variants: nothing of what people have written for each other. */
export async function answerConfig(namespace: string, { definitions, deletions }: ConfigDeps): Promise<ConfigAnswer> {
  const [stored, deleted] = await Promise.all([definitions.readAll(namespace), deletions.readAll()]);
  const ofNamespace = experimentName(namespace, '');
  const changedAt = [
    ...stored.map(({ writtenAt }) => writtenAt),
    // A definition that is gone is a change, too: without it the newest of the others would be an older version.
    ...[...deleted].flatMap(([name, { since }]) => (name.startsWith(ofNamespace) ? [since] : [])),
  ];
  const byName = stored.toSorted((a, b) => (a.experiment < b.experiment ? -1 : 1));
  return {
    namespace,
    version: changedAt.reduce((latest, at) => Math.max(latest, at), 0),
    experiments: Object.fromEntries(byName.flatMap(toEntry)),
  };
}

function toEntry({ experiment, definition, writtenAt }: StoredDefinition): [string, ExperimentConfig][] {
  const config = definition && configOf(definition);
  if (!config || Object.keys(config).length === 0) return [];
  return [[experiment, { definedAt: new Date(writtenAt).toISOString(), ...config }]];
}

function configOf(definition: Definition): Omit<ExperimentConfig, 'definedAt'> {
  const { status, coverage, winner, exclusive, targeting, hashVersion, unitVersion } = definition;
  const told = {
    status: status === 'ended' ? 'stopped' : status === 'running' ? undefined : status,
    coverage,
    weights: weightsOf(definition),
    winner,
    exclusive,
    targeting,
    hashVersion,
    unitVersion,
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}
