import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What `work` comes to, or `late` after so many ms. A gateway turns a time-out into an answer of its own. The timer keeps
 * the process alive: where nothing else does, Lambda answers null for a handler, and a gateway makes 200 of it.
 */
export async function answerInTime<T>(work: Promise<T>, ms: number, late: T): Promise<T> {
  const timer = new AbortController();
  const bell = sleep(Math.max(0, ms), late, { signal: timer.signal }).catch(() => late);
  try {
    return await Promise.race([work, bell]);
  } finally {
    timer.abort();
  }
}
