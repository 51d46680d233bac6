import type { Definition, DefinitionChange } from './definition.ts';

/** As much as an item of the table has room for beside a definition of 256 KB. */
const MOST_BYTES = 64 * 1_024;
const MOST_CHANGES = 100;
const MOST_PATHS = 20;
const MOST_CHARACTERS = 300;

/** The log with one more entry, the oldest first: where there are too many, the oldest leave. */
export function appendChange(log: readonly DefinitionChange[], change: DefinitionChange): DefinitionChange[] {
  const all = (change.changed.length > 0 ? [...log, change] : log).slice(-MOST_CHANGES);
  let bytes = 0;
  const kept = all.toReversed().filter((one) => (bytes += Buffer.byteLength(JSON.stringify(one))) <= MOST_BYTES);
  return kept.reverse();
}

/** What differs between two definitions, field by field. */
export function changesBetween(before: Definition | undefined, after: Definition): DefinitionChange['changed'] {
  const old = partsOf(before ?? {});
  const now = partsOf(after);
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((path) => JSON.stringify(old[path]) !== JSON.stringify(now[path]))
    .slice(0, MOST_PATHS)
    .map((path) => ({ path, ...short('from', old[path]), ...short('to', now[path]) }));
}

/** Weights apart: what the split of that time is compared with. */
function partsOf(definition: Definition): Record<string, unknown> {
  const weights = weightsOf(definition);
  return { ...definition, ...(weights && { weights }) };
}

/** Variants -> weights; undefined where there are none. */
export function weightsOf({ variants = [] }: Definition): Record<string, number> | undefined {
  const weighed = variants.flatMap(({ name, weight }) => (weight === undefined ? [] : [[name, weight] as const]));
  return weighed.length > 0 ? Object.fromEntries(weighed) : undefined;
}

function short(side: 'from' | 'to', value: unknown): Partial<Record<'from' | 'to', unknown>> {
  return value === undefined || JSON.stringify(value).length > MOST_CHARACTERS ? {} : { [side]: value };
}
