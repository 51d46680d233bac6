/** The keys of one call, each once, and its index among them, from 1 on. */
export interface KeyList {
  keys: string[];
  indexOf: (key: string) => number;
}

export function createKeyList(keys: string[] = []): KeyList {
  const indexes = new Map<string, number>();
  return {
    keys,
    indexOf(key) {
      const present = indexes.get(key);
      if (present !== undefined) return present;
      const index = keys.push(key);
      indexes.set(key, index);
      return index;
    },
  };
}
