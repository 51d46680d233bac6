import type { Outbox, TrackedEvent, WaitingEvent } from './outbox.ts';

/** The part of localStorage that is used; its items are also its own enumerable properties. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface StorageOutboxOptions {
  /** A function, because a browser may refuse even to name its storage. */
  readonly storage: () => KeyValueStorage;
  /** What the outbox's items begin with. All outboxes with one prefix share their events, in all tabs. */
  readonly prefix: string;
  readonly capacity: number;
  readonly now: () => number;
}

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

/**
 * An outbox that survives a reload. Each event is an item of its own, so that tabs never overwrite each other's queue;
 * a tab that finds another's events sends them too, and the backend counts them once.
 *
 * A copy stays in memory: a browser may refuse storage, have no room left, or be told to clear it.
 */
export function createStorageOutbox({ storage, prefix, capacity, now }: StorageOutboxOptions): Outbox {
  const own = new Map<string, TrackedEvent>();
  const suffix = `.${Math.random().toString(36).slice(2)}`;
  let last = 0;

  function read(key: string): TrackedEvent | undefined {
    const event = attempt(() => JSON.parse(storage().getItem(key) ?? '') as Partial<TrackedEvent> | null, null);
    return event?.uuid ? (event as TrackedEvent) : undefined;
  }

  const stored = (): WaitingEvent[] =>
    Object.keys(storage()).flatMap((key) => {
      const event = key.startsWith(prefix) && read(key);
      return event ? [{ id: key.slice(prefix.length), event }] : [];
    });

  function list(): WaitingEvent[] {
    const all = new Map(own);
    for (const { id, event } of attempt(stored, [])) all.set(id, event);
    const waiting = Array.from(all, ([id, event]) => ({ id, event })).sort((a, b) => (a.id < b.id ? -1 : 1));
    last = Math.max(last, parseInt(waiting.at(-1)?.id ?? '', 10) || 0);
    return waiting;
  }

  return {
    list,
    add(event) {
      if (list().length >= capacity) return false;
      // After whatever waits already, even if the clock has been set back.
      last = Math.max(last + 1, now());
      const id = `${last}`.padStart(15, '0') + suffix;
      own.set(id, event);
      attempt(() => storage().setItem(prefix + id, JSON.stringify(event)), undefined);
      return true;
    },
    remove(ids) {
      for (const id of ids) {
        own.delete(id);
        attempt(() => storage().removeItem(prefix + id), undefined);
      }
    },
  };
}
