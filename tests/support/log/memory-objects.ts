import type { Objects } from '../../../shared/stores/log/objects.ts';

/** Objects in memory, each whole or not there. */
export interface MemoryObjects extends Objects {
  contents: Map<string, Uint8Array>;
}

export function createMemoryObjects(): MemoryObjects {
  const contents = new Map<string, Uint8Array>();
  return {
    name: 'memory',
    contents,
    get: (key) => Promise.resolve(contents.get(key)),
    create(key, bytes) {
      if (contents.has(key)) return Promise.resolve(false);
      contents.set(key, bytes);
      return Promise.resolve(true);
    },
    replace(key, bytes, read) {
      if (contents.get(key) !== read) return Promise.resolve(false);
      contents.set(key, bytes);
      return Promise.resolve(true);
    },
    list: (prefix) =>
      Promise.resolve(
        new Map([...contents].flatMap(([key, { length }]) => (key.startsWith(prefix) ? [[key, length] as const] : []))),
      ),
  };
}
