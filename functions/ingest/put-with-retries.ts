import { StreamUnavailable, messageOf } from '../../shared/runtime/errors.ts';
import type { OutgoingRecord } from '../../shared/counting/stream-record.ts';

export interface StreamDeps {
  /** Puts records and answers those that the stream refused; rejects where nothing is known about any of them. */
  putRecords: (records: OutgoingRecord[], deadline: number) => Promise<OutgoingRecord[]>;
  /** ms since 1970 */
  now: () => number;
  /** From 0 (included) to 1 (excluded) */
  random: () => number;
  sleep: (ms: number) => Promise<void>;
}

const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Resolves when the stream has acknowledged every record; sends again only what it refused, after pauses that grow
 * and are drawn at random from 0 on ("full jitter": AWS Architecture Blog, Exponential Backoff And Jitter, 2015).
 * @throws StreamUnavailable at the deadline. Some records may be in the stream by then: the client's resend has the
 * same uuids, so they count once.
 */
export async function putWithRetries(records: OutgoingRecord[], deps: StreamDeps, deadline: number): Promise<void> {
  let pending = records;
  let cause: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      pending = await deps.putRecords(pending, deadline);
      if (pending.length === 0) return;
    } catch (error) {
      cause = error; // nothing is known of any record: all of them are sent again
    }

    const pause = deps.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    if (deps.now() + pause >= deadline) {
      const reason = cause === undefined ? 'refused by the stream' : messageOf(cause);
      throw new StreamUnavailable(`${pending.length} records not acknowledged in time: ${reason}`, { cause });
    }
    await deps.sleep(pause);
  }
}
