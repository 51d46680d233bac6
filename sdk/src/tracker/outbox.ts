import type { TrackedEvent } from './tracked-event.ts';

export interface WaitingEvent {
  /** Sorts by age. */
  readonly id: string;
  readonly event: TrackedEvent;
}

/** Events that no 200 has answered yet. */
export interface Outbox {
  /** False if the outbox is full. */
  add(event: TrackedEvent): boolean;
  /** All of them, the oldest first: a visitor's exposure has to arrive before their goals. */
  list(): WaitingEvent[];
  remove(ids: readonly string[]): void;
}

export const createMemoryOutbox = (capacity: number): Outbox => {
  const waiting = new Map<string, TrackedEvent>();
  let added = 0;

  return {
    add(event) {
      if (waiting.size >= capacity) return false;
      waiting.set(`${added++}`, event);
      return true;
    },
    list: () => Array.from(waiting, ([id, event]) => ({ id, event })),
    remove: (ids) => ids.forEach((id) => waiting.delete(id)),
  };
};
