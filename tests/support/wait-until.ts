import { setTimeout as sleep } from 'node:timers/promises';

/** How much slower than an idle machine this one may be: see jest.config.cjs. */
export const PATIENCE = Number(process.env.MEM_TEST_PATIENCE ?? '1');

const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 200;

/**
 * Resolves when the condition holds, which is looked at less often the longer it takes: looking, too, costs what is
 * waited for its time. A rejected condition does not hold yet.
 * @param what what is waited for, as it should read in the error
 */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  seconds = 60,
): Promise<void> {
  const patience = seconds * PATIENCE;
  const deadline = Date.now() + patience * 1_000;
  let reason: unknown;
  for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 1.25, LONGEST_PAUSE_MS)) {
    try {
      if (await condition()) return;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${patience} s in vain for: ${what}`, { cause: reason });
    await sleep(pause);
  }
}
