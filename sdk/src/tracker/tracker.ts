import { TrackingError, quietly } from '../errors.ts';
import type { Outbox, TrackedEvent, WaitingEvent } from './outbox.ts';
import { backoffMs, KEEPALIVE_BYTES } from './post.ts';
import type { Outcome, Post } from './post.ts';

export interface Tracker {
  /** Takes an event into the outbox and sees to its sending. Throws if it cannot be kept. */
  readonly track: (event: TrackedEvent) => void;
  /** Sends what waits until nothing does or an attempt fails. Answers how many events still wait. */
  readonly flush: () => Promise<number>;
  /** Sends what fits into one last request: the page may be about to go. */
  readonly leave: () => void;
}

export interface TrackerDeps {
  readonly post: Post;
  readonly outbox: Outbox;
  readonly onError: (error: unknown) => void;
  /** Told of timers for another attempt, which should not keep a process from ending. */
  readonly release?: (timer: ReturnType<typeof setTimeout>) => void;
}

/** A batch goes when it has so many events, or so long after its first one. */
const BATCH_SIZE = 25;
const BATCH_DELAY_MS = 2_000;

/** As many as the backend takes in one request. */
const LAST_REQUEST_SIZE = 500;

export function createTracker({ post, outbox, onError, release }: TrackerDeps): Tracker {
  const report = quietly(onError);
  const underWay = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let draining: Promise<void> | undefined;

  const waiting = (): WaitingEvent[] => outbox.list().filter(({ id }) => !underWay.has(id));

  function stopTimer(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function drainAfter(delayMs: number): void {
    timer ??= setTimeout(() => void startDraining(), delayMs);
    if (failures > 0) release?.(timer);
  }

  function settle(events: readonly WaitingEvent[], outcome: Outcome): boolean {
    stopTimer();
    if ('retryAfterMs' in outcome) {
      failures++;
      drainAfter(backoffMs(failures, Math.random(), outcome.retryAfterMs));
      return false;
    }
    failures = 0;
    outbox.remove(events.map(({ id }) => id));
    if (waiting().length > 0) drainAfter(BATCH_DELAY_MS);
    for (const { index, code, message } of outcome.refusals) {
      const refused = index === undefined ? events : events.slice(index, index + 1);
      report(
        new TrackingError(
          code,
          refused.map(({ event }) => event),
          message,
        ),
      );
    }
    return true;
  }

  /** Sends one batch. False if there is no use in going on. */
  async function sendBatch(limit: number): Promise<boolean> {
    const { events, body } = cutBatch(waiting(), limit);
    if (events.length === 0) return true;

    events.forEach(({ id }) => underWay.add(id));
    const outcome = await post(body);
    events.forEach(({ id }) => underWay.delete(id));
    return settle(events, outcome);
  }

  async function drain(): Promise<void> {
    while ((await sendBatch(BATCH_SIZE)) && waiting().length > 0);
    draining = undefined;
  }

  /** One drain at a time: it sees what is tracked while it runs, and when it fails everybody waits for the retry. */
  function startDraining(): Promise<void> | undefined {
    stopTimer();
    if (waiting().length > 0) draining ??= drain();
    return draining;
  }

  return {
    track(event) {
      // As it will be on the wire: later changes do not reach it, and what is no JSON is found out here.
      if (!outbox.add(JSON.parse(JSON.stringify(event)) as TrackedEvent)) {
        throw new TrackingError('queue_full', [event]);
      } else if (failures === 0 && waiting().length >= BATCH_SIZE) {
        void startDraining();
      } else {
        drainAfter(BATCH_DELAY_MS);
      }
    },
    async flush() {
      await startDraining();
      return outbox.list().length;
    },
    leave: () => void sendBatch(LAST_REQUEST_SIZE),
  };
}

export interface Batch {
  readonly events: readonly WaitingEvent[];
  readonly body: string;
}

/** As many events from the beginning as fit into one request, at least one. */
export function cutBatch(waiting: readonly WaitingEvent[], limit: number): Batch {
  const encoder = new TextEncoder();
  const texts: string[] = [];
  let bytes = '{"events":[]}'.length;

  for (const { event } of waiting.slice(0, limit)) {
    const text = JSON.stringify(event);
    bytes += encoder.encode(text).length + 1;
    if (texts.length > 0 && bytes > KEEPALIVE_BYTES) break;
    texts.push(text);
  }
  return { events: waiting.slice(0, texts.length), body: `{"events":[${texts.join(',')}]}` };
}
