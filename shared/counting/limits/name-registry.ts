import { mapAtOnce } from '../../runtime/map-at-once.ts';
import type { NameLists } from '../ports.ts';
import {
  letterOf,
  listOf,
  memberOf,
  nameKey,
  type Member,
  type Name,
  experimentNameOf,
  namespaceName,
} from './names.ts';
import type { Limits } from '../../contract/limits.ts';
import { experimentId, type ExperimentRef } from '../../contract/experiment-id.ts';

/** Gives names their places, as far as there are any. */
export interface NameRegistry {
  /**
   * Admits names within the limits, or whatever the limits are. An admitted one is durable when this resolves, and stays
   * admitted until it is released. Names that this process has admitted before cost nothing.
   * @returns nameKey() of those that find no place
   * @throws Error where the lists cannot be read or written now: nothing is known then
   */
  admit: (names: readonly Name[], how: 'within limits' | 'beyond limits') => Promise<ReadonlySet<string>>;
  /** Whether this process knows that a name is admitted. */
  knows: (name: Name) => boolean;
}

/** What a process remembers. */
export interface NameCache {
  /** nameKey() of admitted names. */
  admitted: Set<string>;
  lists: Map<string, SeenList>;
}

interface SeenList {
  members: ReadonlySet<Member>;
  version: number;
  /** When it was like this, ms. */
  at: number;
}

export function createNameCache(): NameCache {
  return { admitted: new Set(), lists: new Map() };
}

/** For so long a full list is believed to be full. */
const FULL_MS = 30_000;
const ATTEMPTS = 20;
const LISTS_AT_ONCE = 32;
const KEPT_NAMES = 50_000;
const KEPT_LISTS = 2_000;
/** Whoever writes definitions may go beyond the limits, but never so far that an item (400 KB) could not be written. */
const MOST_OF_A_KIND = 10_000;
/** Keys of an experiment whose segments find no place; keys are made up as easily as values. */
const MOST_OVERFLOWS = 20;

/**
 * Lists are changed optimistically: what is added is worked out from the list as it was seen, and written if it is still
 * that one. So consumers of several shards, all adding names at once, never come past a limit.
 * @param now ms since 1970
 */
export function createNameRegistry(
  lists: NameLists,
  limits: Limits,
  now: () => number,
  cache: NameCache = createNameCache(),
): NameRegistry {
  /** Lists as they were seen last; those never seen are read. */
  async function see(keys: readonly string[]): Promise<ReadonlyMap<string, SeenList>> {
    const unseen = keys.filter((key) => !cache.lists.has(key));
    const at = now();
    const read = unseen.length === 0 ? [] : await lists.read(unseen);
    for (const [key, list] of read) remember(key, { ...list, at });
    return new Map(keys.flatMap((key) => entryOf(key, cache.lists.get(key))));
  }

  function remember(key: string, list: SeenList): void {
    cache.lists.delete(key);
    cache.lists.set(key, list);
  }

  /** Gives the names of one list their places. @returns those that are to be tried again, with the list as it is then */
  async function enter(
    [key, names]: readonly [string, readonly Name[]],
    seen: SeenList,
    most: Limits | undefined,
    refused: Set<string>,
  ): Promise<readonly Name[]> {
    const { members, without } = place(seen.members, names, most);
    const retry = () => {
      cache.lists.delete(key);
      return names;
    };
    if (without.length > 0 && now() - seen.at > FULL_MS) return retry(); // a place may have been given back
    if (members.size > seen.members.size) {
      if (!(await lists.write(key, members, seen.version))) return retry(); // somebody else came first
      remember(key, { members, version: seen.version + 1, at: now() });
    }
    for (const name of without) refused.add(nameKey(name));
    for (const name of names) if (!refused.has(nameKey(name))) cache.admitted.add(nameKey(name));
    return [];
  }

  return {
    knows: (name) => cache.admitted.has(nameKey(name)),

    async admit(names, how) {
      const refused = new Set<string>();
      const most = how === 'within limits' ? limits : undefined;
      const unknown = new Map(names.map((name) => [nameKey(name), name]));
      for (const key of unknown.keys()) if (cache.admitted.has(key)) unknown.delete(key);
      let open = [...unknown.values()];
      for (let attempt = 0; open.length > 0; attempt += 1) {
        if (attempt === ATTEMPTS) {
          throw new Error(`lists of names could not be changed ${ATTEMPTS} times: others keep changing them`);
        }
        const byList = groupByList(open);
        const seen = await see([...byList.keys()]);
        const left = await mapAtOnce(LISTS_AT_ONCE, [...byList], async (wanted) => {
          const list = seen.get(wanted[0]);
          return list ? enter(wanted, list, most, refused) : wanted[1];
        });
        open = left.flat();
      }
      forgetOldest(cache.admitted, KEPT_NAMES);
      forgetOldest(cache.lists, KEPT_LISTS);
      return refused;
    },
  };
}

function entryOf(key: string, list: SeenList | undefined): [string, SeenList][] {
  return list ? [[key, list]] : [];
}

function groupByList(names: readonly Name[]): Map<string, Name[]> {
  const groups = new Map<string, Name[]>();
  for (const name of names) {
    const key = listOf(name);
    const group = groups.get(key);
    if (group) group.push(name);
    else groups.set(key, [name]);
  }
  return groups;
}

/** The members with the names that find a place, first come first served, and the names that find none. */
function place(before: ReadonlySet<Member>, names: readonly Name[], limits: Limits | undefined) {
  const members = new Set(before);
  const counts = new Map<string, number>();
  for (const member of members) counts.set(member.charAt(0), (counts.get(member.charAt(0)) ?? 0) + 1);
  const without: Name[] = [];
  for (const name of names) {
    const member = memberOf(name);
    if (members.has(member)) continue;
    const letter = letterOf(name.kind);
    const count = counts.get(letter) ?? 0;
    if (count >= mostOf(name.kind, limits)) without.push(name);
    else {
      members.add(member);
      counts.set(letter, count + 1);
    }
  }
  return { members, without };
}

function mostOf(kind: Name['kind'], limits: Limits | undefined): number {
  return kind === 'overflows' ? MOST_OVERFLOWS : (limits?.[kind] ?? MOST_OF_A_KIND);
}

function forgetOldest(kept: Set<string> | Map<string, unknown>, most: number): void {
  for (const key of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(key);
  }
}

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
