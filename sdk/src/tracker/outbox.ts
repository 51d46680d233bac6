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
  /** When the definition was written that has decided. */
  readonly definedAt?: string | undefined;
  /** Of an exposure, the variant of everyone who takes no part, where it is not named `control`: reports compare with it. */
  readonly control?: string | undefined;
}

/** The event by which the backend counts who takes part. */
export const EXPOSURE = 'participate';

export interface WaitingEvent {
  /** Sorts by age. */
  readonly id: string;
  /** The event as JSON, as it goes into a request. */
  readonly text: string;
}

/** Events that no 200 has answered yet. Adding takes the same time however many wait. */
export interface Outbox {
  /** False if the outbox is full. */
  add(text: string): boolean;
  size(): number;
  /** At most so many of those that fit, the oldest first: a visitor's exposure has to arrive before their goals. */
  first(limit: number, fits: (id: string) => boolean): WaitingEvent[];
  remove(ids: readonly string[]): void;
  /** Looks for what others have left behind. */
  refresh(): void;
}

/** The first of a map's events, the oldest first. */
export function firstOf(
  waiting: ReadonlyMap<string, string>,
  limit: number,
  fits: (id: string) => boolean,
): WaitingEvent[] {
  const found: WaitingEvent[] = [];
  for (const [id, text] of waiting) {
    if (found.length >= limit) break;
    if (fits(id)) found.push({ id, text });
  }
  return found;
}

export function createMemoryOutbox(capacity: number): Outbox {
  const waiting = new Map<string, string>();
  let added = 0;

  return {
    add(text) {
      if (waiting.size >= capacity) return false;
      waiting.set(`${added++}`, text);
      return true;
    },
    size: () => waiting.size,
    first: (limit, fits) => firstOf(waiting, limit, fits),
    remove: (ids) => ids.forEach((id) => waiting.delete(id)),
    refresh: () => undefined,
  };
}
