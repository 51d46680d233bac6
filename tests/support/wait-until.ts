import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds. @throws Error with what was waited for, after 20 s */
export async function waitUntil(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await sleep(10);
  }
}
