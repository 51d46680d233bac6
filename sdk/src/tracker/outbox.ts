/** An event as the backend takes it: counted once for each namespace, experiment, variant, event and uuid. */
export interface TrackedEvent {
  readonly namespace: string;
  readonly experiment: string;
  readonly variant: string;
  readonly event: string;
  /** Made once and kept on every resend: this is what makes resending harmless. */
  readonly uuid: string;
  readonly unit?: string | undefined;
  readonly value?: number | undefined;
  readonly segments?: Readonly<Record<string, string>> | undefined;
}

/** The event by which the backend counts who takes part. */
export const EXPOSURE = 'participate';

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

export function createMemoryOutbox(capacity: number): Outbox {
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
}
