import type { Admit } from '../../../shared/counting/limits/admit.ts';
import { EMPTY_LIST, type NameList, type NameLists } from '../../../shared/counting/ports.ts';

/** For tests that are not about names: every event may count. */
export const admitAll: Admit = () => Promise.resolve({ refused: new Map(), overflow: new Map() });

/** The lists of names in memory, with the semantics of the real ones. */
export function createMemoryNameLists(): NameLists & { all: ReadonlyMap<string, NameList> } {
  const all = new Map<string, NameList>();
  return {
    all,
    read: (keys) => Promise.resolve(new Map(keys.map((key) => [key, all.get(key) ?? EMPTY_LIST]))),
    write(key, members, version) {
      if ((all.get(key)?.version ?? 0) !== version) return Promise.resolve(false);
      all.set(key, { members, version: version + 1 });
      return Promise.resolve(true);
    },
    remove(key) {
      all.delete(key);
      return Promise.resolve();
    },
  };
}
