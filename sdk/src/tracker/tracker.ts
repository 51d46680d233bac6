import { quietly, TrackingError } from '../errors.ts';
import { inTime } from '../in-time.ts';
import type { Outbox, TrackedEvent, WaitingEvent } from './outbox.ts';
import { backoffMs, countBytes, KEEPALIVE_BYTES } from './post.ts';
import type { Failure, Outcome, Post, Refusal } from './post.ts';

export interface FlushOptions {
  /** How long it may take, in ms. */
  readonly timeoutMs?: number;
}

export interface Tracker {
  /** Takes an event into the outbox and sees to its sending. Throws if it cannot be kept. */
  readonly track: (event: TrackedEvent) => void;
  /**
   * Sends what waits until nothing does, an attempt fails or the time is over. Answers how many events still wait. Does
   * nothing during the pause after a failure.
   */
  readonly flush: (options?: FlushOptions) => Promise<number>;
  /** Sends what fits into one last request: the page may be about to go. */
  readonly leave: () => void;
  /** Sends also in the pause after a failure: the network is back. */
  readonly resume: () => void;
}

export interface TrackerDeps {
  readonly post: Post;
  /** Where `post` sends to: named where it keeps failing. */
  readonly address: string;
  readonly outbox: Outbox;
  readonly onError: (error: unknown) => void;
  /** Told of timers for another attempt, which should not keep a process from ending. */
  readonly release?: (timer: ReturnType<typeof setTimeout>) => void;
  /** Whether anything may be sent yet. */
  readonly maySend?: () => boolean;
}

/** A batch goes when it has so many events, or so long after its first one. */
const BATCH_SIZE = 25;
const BATCH_DELAY_MS = 2_000;

/** As many as the backend takes in one request. */
const LAST_REQUEST_SIZE = 500;

/** The backend takes requests of 256 KiB: an event that is larger never arrives. */
const LARGEST_EVENT_BYTES = 256 * 1024 - 100;

const FAILURES_TO_TELL = 3;

const FLUSH_TIMEOUT_MS = 500;

export function createTracker({ post, address, outbox, onError, release, maySend = () => true }: TrackerDeps): Tracker {
  const report = quietly(onError);
  const underWay = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pausedUntil = 0;
  let failures = 0;
  let batchSize = BATCH_SIZE;
  let draining: Promise<void> | undefined;

  const isPaused = (): boolean => Date.now() < pausedUntil;
  const take = (limit: number): WaitingEvent[] => outbox.first(limit, (id) => !underWay.has(id));

  function stopTimer(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function drainAfter(delayMs: number): void {
    timer ??= setTimeout(() => void startDraining(), delayMs);
    if (failures > 0) release?.(timer);
  }

  function tellRefusals(events: readonly WaitingEvent[], refusals: readonly Refusal[]): void {
    for (const { index, code, message } of refusals) {
      const refused = index === undefined ? events : events.slice(index, index + 1);
      const parsed = refused.map(({ text }) => JSON.parse(text) as TrackedEvent);
      report(new TrackingError(code, parsed, message));
    }
  }

  /** Answers whether to go on at once. */
  function settleFailure(events: readonly WaitingEvent[], { retryAfterMs, reason }: Failure): boolean {
    // Somebody between may take offence at one event: it is found by halves, and the others go before it.
    if (/^http_4(?!29)/.test(reason)) {
      batchSize = Math.max(1, Math.min(BATCH_SIZE, events.length) >> 1);
      if (events.length > 1) {
        drainAfter(0);
        return true;
      }
      outbox.remove(idsOf(events));
      events.forEach(({ text }) => outbox.add(text));
    }
    failures++;
    const delayMs = backoffMs(failures, Math.random(), retryAfterMs);
    pausedUntil = Date.now() + delayMs;
    if (failures === FAILURES_TO_TELL) {
      const message = `${address} failed ${failures} times in a row, ${reason}: ${outbox.size()} events wait.`;
      report(new TrackingError(reason, [], message));
    }
    drainAfter(delayMs);
    return false;
  }

  /** Answers whether to go on at once. */
  function settle(events: readonly WaitingEvent[], outcome: Outcome): boolean {
    stopTimer();
    if (!('refusals' in outcome)) return settleFailure(events, outcome);
    failures = pausedUntil = 0;
    batchSize = Math.min(BATCH_SIZE, batchSize * 2);
    outbox.remove(idsOf(events));
    if (take(1).length > 0) drainAfter(BATCH_DELAY_MS);
    tellRefusals(events, outcome.refusals);
    return true;
  }

  async function send({ events, body }: Batch): Promise<boolean> {
    if (events.length === 0) return false;
    const ids = idsOf(events);
    ids.forEach((id) => underWay.add(id));
    const outcome = await post(body);
    ids.forEach((id) => underWay.delete(id));
    return settle(events, outcome);
  }

  async function drain(): Promise<void> {
    outbox.refresh();
    while (await send(cutBatch(take(batchSize))));
  }

  /** One drain at a time: it sees what is tracked while it runs, and when it fails everybody waits for the retry. */
  function startDraining(): Promise<void> | undefined {
    if (!maySend()) return undefined;
    stopTimer();
    draining ??= drain().finally(() => (draining = undefined));
    return draining;
  }

  return {
    track(event) {
      // As it will be on the wire: later changes do not reach it, and what is no JSON is found out here.
      const text = JSON.stringify(event);
      const bytes = countBytes(text);
      if (bytes > LARGEST_EVENT_BYTES) {
        throw new TrackingError('event_too_large', [event], `Expected under 256 KiB, got ${bytes} bytes.`);
      }
      if (!outbox.add(text)) throw new TrackingError('queue_full', [event]);
      if (!isPaused() && !draining && outbox.size() - underWay.size >= batchSize) void startDraining();
      else drainAfter(BATCH_DELAY_MS);
    },

    async flush(options) {
      if (!isPaused()) {
        await inTime(startDraining(), options?.timeoutMs ?? FLUSH_TIMEOUT_MS).catch(() => {
          // What is under way goes on, and its failure is told as any other.
        });
      }
      return outbox.size();
    },

    leave() {
      if (maySend()) void send(cutBatch(take(LAST_REQUEST_SIZE), true));
    },

    resume: () => void startDraining(),
  };
}

function idsOf(events: readonly WaitingEvent[]): string[] {
  return events.map(({ id }) => id);
}

export interface Batch {
  readonly events: readonly WaitingEvent[];
  readonly body: string;
}

/**
 * What fits into one request that may outlive its page. An event that is too large for that goes alone, unless the page
 * is going: it stays for the next one.
 */
export function cutBatch(waiting: readonly WaitingEvent[], isLast = false): Batch {
  const texts: string[] = [];
  let bytes = '{"events":[]}'.length;
  const events = waiting.filter(({ text }) => {
    const more = countBytes(text) + 1;
    const fits = bytes + more <= KEEPALIVE_BYTES || (texts.length === 0 && !isLast);
    if (!fits) return false;
    bytes += more;
    texts.push(text);
    return true;
  });
  return { events, body: `{"events":[${texts.join(',')}]}` };
}
