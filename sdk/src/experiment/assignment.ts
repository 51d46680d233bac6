/** Why a visitor has a variant. */
export type Reason = 'forced' | 'excluded' | 'cached' | 'targeting' | 'split' | 'disabled' | 'error';

export interface Assignment<V extends string = string> {
  readonly variant: V;
  readonly reason: Reason;
  /** What decided within the reason, for people: `rule 0`, `coverage`, `group`, an error's message. */
  readonly detail?: string | undefined;
  /** Pseudonym of the context in this experiment. */
  readonly key: string;
  /** The visitor's pseudonym on the wire, or the one of before a migration. None if it would not come back. */
  readonly unit?: string | undefined;
  /** Whether exposures and goals are sent. */
  readonly tracked: boolean;
}

/** Remembers variants, so that visitors keep theirs when weights, context or key change. Any key-value store will do. */
export interface StickyStore {
  get(id: string): string | null | undefined | Promise<string | null | undefined>;
  set(id: string, value: string): unknown;
}

/** What is decided, before the visitor's key is put to it. */
export type Choice<V extends string = string> = Omit<Assignment<V>, 'key'>;

/** Decides by what was decided before. `rememberIn` makes one of a store. */
export interface StickyMemory {
  choose<V extends string>(request: MemoryRequest<V>): Promise<Choice<V>>;
}

/** A visitor in an experiment, for a memory. */
export interface MemoryRequest<V extends string> {
  readonly name: string;
  /** What the variant hangs on where it is not the visitor, as a key. */
  readonly sharedKey: string | undefined;
  readonly visitor: Recognisable;
  /** The variant with this name, if the experiment has it still. */
  readonly find: (name: string | undefined) => V | undefined;
  readonly chooseAfresh: () => Promise<Choice<V>>;
  readonly onError: (error: unknown) => void;
  readonly timeoutMs: number;
}

/** By which keys a visitor may be known. */
export interface Recognisable {
  readonly key: string;
  readonly unit: string;
  readonly keyOf: (context: object) => string;
  readonly context: object;
  /** Whole contexts by which the visitor was known before. */
  readonly migratedFrom?: object | readonly object[] | undefined;
  /** Parts of the context as they were before, each of these. */
  readonly migratedWith: readonly (object | readonly object[] | undefined)[];
}

/** A sticky store for tests and for single processes. */
export function createMemoryStore(): StickyStore {
  const values = new Map<string, string>();
  return { get: (id) => values.get(id), set: (id, value) => values.set(id, value) };
}
