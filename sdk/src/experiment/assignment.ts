import { inTime } from '../in-time.ts';

/** Why a visitor has a variant. */
export type Reason = 'forced' | 'excluded' | 'cached' | 'targeting' | 'split' | 'disabled' | 'error';

export interface Assignment<V extends string = string> {
  readonly variant: V;
  readonly reason: Reason;
  /** What decided within the reason, for people: `rule 0`, `coverage`, `group`, an error's message. */
  readonly detail?: string | undefined;
  /** Pseudonym of the context in this experiment. */
  readonly key: string;
  /** The visitor's pseudonym on the wire: the key, or the key of before a migration. None if it would not come back. */
  readonly unit?: string | undefined;
  /** Whether exposures and goals are sent. */
  readonly tracked: boolean;
}

/** Remembers variants, so that visitors keep theirs when weights, context or key change. Any key-value store will do. */
export interface StickyStore {
  get(id: string): string | null | undefined | Promise<string | null | undefined>;
  set(id: string, value: string): unknown;
}

export type Remembered = Partial<Pick<Assignment, 'variant' | 'unit'>>;

/** What is stored under an id, or undefined if there is nothing or something else's value. */
export async function recall(store: StickyStore, id: string, timeoutMs: number): Promise<Remembered | undefined> {
  const stored = await inTime(store.get(id), timeoutMs);
  if (stored === undefined || stored === null) return undefined;
  try {
    return JSON.parse(stored) as Remembered | undefined;
  } catch {
    return undefined;
  }
}

export async function remember(
  store: StickyStore,
  id: string,
  { variant, unit }: Remembered,
  timeoutMs: number,
): Promise<void> {
  await inTime(store.set(id, JSON.stringify({ variant, unit })), timeoutMs);
}

/** A sticky store for tests and for single processes. */
export function createMemoryStore(): StickyStore {
  const values = new Map<string, string>();
  return { get: (id) => values.get(id), set: (id, value) => values.set(id, value) };
}
