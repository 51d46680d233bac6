import { experimentId, type ExperimentRef } from '../contract/experiment-id.ts';
import type { NameLists } from '../stores/dynamodb/name-lists.ts';
import { experimentNameOf, listOf, memberOf, namespaceName, type Member, type Name } from '../contract/names.ts';

const ATTEMPTS = 20;

/**
 * Gives back the places of an experiment's dead incarnations, all those before `living`, and the place of its namespace
 * where it was the last one there.
 * @throws Error where others keep changing the lists: the experiment may be deleted again
 */
export async function releaseNames(living: ExperimentRef, lists: NameLists): Promise<void> {
  const dead = Array.from({ length: living.incarnation }, (_, incarnation) =>
    experimentNameOf({ ...living, incarnation }),
  );
  const [first] = dead;
  if (!first) return;
  const left = await takeOut(dead, listOf(first), lists);
  if (left === 0) await takeOut([namespaceName(living.namespace)], 'namespaces', lists);
  const last = experimentId({ ...living, incarnation: living.incarnation - 1 });
  await lists.remove(listOf({ kind: 'variants', of: last, name: '' }));
}

/** @returns how many members are left */
async function takeOut(names: readonly Name[], list: string, lists: NameLists): Promise<number> {
  const out = new Set<Member>(names.map(memberOf));
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { members = new Set<Member>(), version = 0 } = (await lists.read([list])).get(list) ?? {};
    const left = new Set([...members].filter((member) => !out.has(member)));
    if (left.size === members.size || (await lists.write(list, left, version))) return left.size;
  }
  throw new Error(`the list of names ${list} could not be changed ${ATTEMPTS} times: others keep changing it`);
}
