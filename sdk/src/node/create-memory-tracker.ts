import { createMemoryOutbox } from '../tracker/outbox.ts';
import { postWithFetch } from '../tracker/post.ts';
import { createTracker } from '../tracker/tracker.ts';
import type { Tracker } from '../tracker/tracker.ts';

export interface MemoryTrackerOptions {
  /** The backend's address: events go to `<endpoint>/events`. */
  readonly endpoint: string;
  readonly onError: (error: unknown) => void;
  /** How many events may wait for the backend. Default 10,000. */
  readonly queueCapacity?: number | undefined;
  /** How long to wait for an answer of the backend. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** A tracker whose events wait in memory: call `flush` before the process may end. */
export const createMemoryTracker = ({
  endpoint,
  onError,
  queueCapacity = 10_000,
  timeoutMs = 10_000,
}: MemoryTrackerOptions): Tracker =>
  createTracker({
    post: postWithFetch(endpoint, timeoutMs),
    outbox: createMemoryOutbox(queueCapacity),
    onError,
    release: (timer) => timer.unref(),
  });
