import { TrackingError } from '../errors.ts';
import { quietly } from '../quietly.ts';
import { backoffMs } from './backoff.ts';
import { cutBatch } from './batch.ts';
import type { Outbox, WaitingEvent } from './outbox.ts';
import type { Outcome, Post } from './post.ts';
import type { TrackedEvent } from './tracked-event.ts';

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
const batchSize = 25;
const batchDelayMs = 2_000;

/** As many as the backend takes in one request. */
const lastRequestSize = 500;

export const createTracker = ({ post, outbox, onError, release }: TrackerDeps): Tracker => {
  const report = quietly(onError);
  const underWay = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let draining: Promise<void> | undefined;

  const waiting = (): WaitingEvent[] => outbox.list().filter(({ id }) => !underWay.has(id));

  const stopTimer = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };

  const drainAfter = (delayMs: number): void => {
    timer ??= setTimeout(() => void startDraining(), delayMs);
    if (failures > 0) release?.(timer);
  };

  const settle = (events: readonly WaitingEvent[], outcome: Outcome): boolean => {
    stopTimer();
    if ('retryAfterMs' in outcome) {
      failures++;
      drainAfter(backoffMs(failures, Math.random(), outcome.retryAfterMs));
      return false;
    }
    failures = 0;
    outbox.remove(events.map(({ id }) => id));
    if (waiting().length > 0) drainAfter(batchDelayMs);
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
  };

  /** Sends one batch. False if there is no use in going on. */
  const sendBatch = async (limit: number): Promise<boolean> => {
    const { events, body } = cutBatch(waiting(), limit);
    if (events.length === 0) return true;

    events.forEach(({ id }) => underWay.add(id));
    const outcome = await post(body);
    events.forEach(({ id }) => underWay.delete(id));
    return settle(events, outcome);
  };

  const drain = async (): Promise<void> => {
    while ((await sendBatch(batchSize)) && waiting().length > 0);
    draining = undefined;
  };

  /** One drain at a time: it sees what is tracked while it runs, and when it fails everybody waits for the retry. */
  const startDraining = (): Promise<void> | undefined => {
    stopTimer();
    if (waiting().length > 0) draining ??= drain();
    return draining;
  };

  return {
    track(event) {
      // As it will be on the wire: later changes do not reach it, and what is no JSON is found out here.
      if (!outbox.add(JSON.parse(JSON.stringify(event)) as TrackedEvent)) {
        throw new TrackingError('queue_full', [event]);
      } else if (failures === 0 && waiting().length >= batchSize) {
        void startDraining();
      } else {
        drainAfter(batchDelayMs);
      }
    },
    async flush() {
      await startDraining();
      return outbox.list().length;
    },
    leave: () => void sendBatch(lastRequestSize),
  };
};
