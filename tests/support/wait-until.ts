import { setTimeout as sleep } from 'node:timers/promises';

/** How much slower than an idle machine this one may be: see jest.config.cjs. */
export const PATIENCE = Number(process.env.MEM_TEST_PATIENCE ?? '1');

/**
 * Resolves when the condition holds. A rejected condition does not hold yet.
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
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${patience} s in vain for: ${what}`, { cause: reason });
    await sleep(20);
  }
}
