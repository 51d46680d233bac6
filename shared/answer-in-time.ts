import { setTimeout as sleep } from 'node:timers/promises';

/** What `work` comes to, or `late` after so many ms. A gateway turns a time-out into an answer of its own. */
export async function answerInTime<T>(work: Promise<T>, ms: number, late: T): Promise<T> {
  const timer = new AbortController();
  const bell = sleep(Math.max(0, ms), late, { signal: timer.signal, ref: false }).catch(() => late);
  try {
    return await Promise.race([work, bell]);
  } finally {
    timer.abort();
  }
}
