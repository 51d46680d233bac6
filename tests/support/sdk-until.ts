import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, not for a time. Answers what the condition answered; fails with the last answer it got. */
export const until = async <T>(
  look: () => T | Promise<T>,
  isReached: (seen: T) => boolean,
  withinMs = 20_000,
): Promise<T> => {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isReached(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain, and last saw ${JSON.stringify(seen)}.`);
    await sleep(20);
  }
};
