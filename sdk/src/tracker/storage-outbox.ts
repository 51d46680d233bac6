import { firstOf } from './outbox.ts';
import type { Outbox, TrackedEvent } from './outbox.ts';

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
  /** Whether anything may be stored or read yet. Until then events wait in memory. */
  readonly mayStore: () => boolean;
  /** Told each time that the browser refuses storage. */
  readonly onRefused: () => void;
}

export interface StorageOutbox extends Outbox {
  /** Stores what has waited in memory for the permission to be stored. */
  persist(): void;
  /** Forgets everything, in the storage, too. */
  clear(): void;
}

/**
 * An outbox that survives a reload. Each event is an item of its own, so that tabs never overwrite each other's queue;
 * a tab that finds another's events sends them too, and the backend counts them once.
 *
 * All of them stay in memory as well: a browser may refuse storage, have no room left, or be told to clear it. The
 * storage is read on `refresh` alone, so that adding takes the same time however many events wait.
 */
export function createStorageOutbox({
  storage,
  prefix,
  capacity,
  now,
  mayStore,
  onRefused,
}: StorageOutboxOptions): StorageOutbox {
  let waiting = new Map<string, string>();
  const suffix = `.${Math.random().toString(36).slice(2)}`;
  let last = 0;

  /** Does something with the storage, if it may be used and is there. */
  function attempt<T>(action: (items: KeyValueStorage) => T, otherwise: T): T {
    if (!mayStore()) return otherwise;
    try {
      return action(storage());
    } catch {
      onRefused();
      return otherwise;
    }
  }

  function readEvent(items: KeyValueStorage, key: string): string | undefined {
    const text = items.getItem(key) ?? '';
    try {
      return (JSON.parse(text) as Partial<TrackedEvent> | null)?.uuid ? text : undefined;
    } catch {
      return undefined;
    }
  }

  function readStored(items: KeyValueStorage): Map<string, string> {
    const stored = new Map<string, string>();
    for (const key of Object.keys(items)) {
      if (!key.startsWith(prefix)) continue;
      const id = key.slice(prefix.length);
      const text = waiting.get(id) ?? readEvent(items, key);
      if (text !== undefined) stored.set(id, text);
    }
    return stored;
  }

  function refresh(): void {
    const stored = attempt(readStored, undefined);
    if (!stored) return;

    // What another tab has sent has gone; what is our own stays, even where the storage has been cleared.
    for (const [id, text] of waiting) if (id.endsWith(suffix)) stored.set(id, text);
    waiting = new Map([...stored].sort(([a], [b]) => (a < b ? -1 : 1)));
    const newest = [...waiting.keys()].pop() ?? '';
    last = Math.max(last, parseInt(newest, 10) || 0);
  }

  function store(id: string, text: string): void {
    attempt((items) => items.setItem(prefix + id, text), undefined);
  }

  // What waits from earlier pages comes first.
  refresh();

  return {
    refresh,
    size: () => waiting.size,
    first: (limit, fits) => firstOf(waiting, limit, fits),

    add(text) {
      if (waiting.size >= capacity) return false;
      // After whatever waits already, even if the clock has been set back.
      last = Math.max(last + 1, now());
      const id = `${last}`.padStart(15, '0') + suffix;
      waiting.set(id, text);
      store(id, text);
      return true;
    },

    remove(ids) {
      for (const id of ids) {
        waiting.delete(id);
        attempt((items) => items.removeItem(prefix + id), undefined);
      }
    },

    persist() {
      waiting.forEach((text, id) => store(id, text));
    },

    clear() {
      attempt((items) => {
        for (const id of readStored(items).keys()) items.removeItem(prefix + id);
      }, undefined);
      waiting.clear();
    },
  };
}
