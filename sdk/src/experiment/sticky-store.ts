import type { Assignment } from './assignment.ts';

/** Remembers variants, so that visitors keep theirs when weights, context or key change. Any key-value store will do. */
export interface StickyStore {
  get(id: string): string | null | undefined | Promise<string | null | undefined>;
  set(id: string, value: string): unknown;
}

export type Remembered = Partial<Pick<Assignment, 'variant' | 'unit'>>;

/** What is stored under an id, or undefined if there is nothing or something else's value. */
export const recall = async (store: StickyStore, id: string): Promise<Remembered | undefined> => {
  const stored = await store.get(id);
  if (stored === undefined || stored === null) return undefined;
  try {
    return JSON.parse(stored) as Remembered | undefined;
  } catch {
    return undefined;
  }
};

export const remember = async (store: StickyStore, id: string, { variant, unit }: Remembered): Promise<void> => {
  await store.set(id, JSON.stringify({ variant, unit }));
};

/** A sticky store for tests and for single processes. */
export const createMemoryStore = (): StickyStore => {
  const values = new Map<string, string>();
  return { get: (id) => values.get(id), set: (id, value) => values.set(id, value) };
};
