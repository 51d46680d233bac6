import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { requireName } from '../shared/reporting/put-definition.ts';
import { checkDefinition } from '../shared/contract/check-definition.ts';
import type { Definition } from '../shared/contract/definition.ts';
import { DEFAULT_NAMESPACE } from '../shared/contract/event.ts';
import { reasonOf } from './outcome.ts';

export interface DefinitionEntry {
  namespace: string;
  name: string;
  definition: Definition;
}

/**
 * Reads a YAML or JSON file of definitions: a list under `experiments`, each with `name`, `namespace` (alephbet unless given)
 * and the fields of a definition.
 * @throws Error that names every fault of every entry
 */
export function readDefinitionsFile(path: string): DefinitionEntry[] {
  try {
    return parseDefinitions(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isMissing = 'code' in error && error.code === 'ENOENT';
    throw new Error(isMissing ? `${path}: there is no such file` : `${path}: ${error.message}`, { cause: error });
  }
}

function parseDefinitions(text: string): DefinitionEntry[] {
  const file: unknown = parse(text);
  const listed = isObject(file) ? file.experiments : undefined;
  if (!Array.isArray(listed)) throw new Error('expected a list under `experiments`');
  const faults: string[] = [];
  const entries = listed.flatMap((entry: unknown, i) => {
    try {
      return [readEntry(entry)];
    } catch (error) {
      faults.push(`experiments[${i}]: ${reasonOf(error)}`);
      return [];
    }
  });
  const ids = entries.map(({ namespace, name }) => JSON.stringify([namespace, name]));
  for (const [i, id] of ids.entries()) if (ids.indexOf(id) !== i) faults.push(`${id} is there twice`);
  if (faults.length > 0) throw new Error(['nothing is written', ...faults].join('\n  '));
  return entries;
}

function readEntry(entry: unknown): DefinitionEntry {
  if (!isObject(entry)) throw new Error('expected a definition with a name');
  const { name, namespace = DEFAULT_NAMESPACE, ...rest } = entry;
  if (typeof name !== 'string' || typeof namespace !== 'string') {
    throw new Error('expected a name (and a namespace) as text');
  }
  requireName('name', name, 1);
  requireName('namespace', namespace, 0);
  const checked = checkDefinition(rest);
  if (!checked.ok) {
    throw new Error(
      `${name}: ${checked.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')}`,
    );
  }
  return { namespace, name, definition: checked.definition };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
