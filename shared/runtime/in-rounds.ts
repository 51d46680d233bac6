import { setTimeout as sleep } from 'node:timers/promises';

/** Between rounds; a longer one after each round that has helped nobody. */
const PAUSES_MS = [50, 100, 200, 400, 800, 1_600];

export type Pause = (ms: number) => Promise<unknown>;

/** Between half of the time and all of it: those that failed together do not come back together. */
export const pauseApart: Pause = (ms) => sleep(ms * (0.5 + Math.random() / 2));

/**
 * Works on items in rounds, each time on those that the round before has left. Ends when none is left, or when several
 * rounds in a row have helped none of them.
 * @param work answers which of the items are left
 * @returns those that are left at the end
 */
export async function inRounds<T>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<readonly T[]>,
  pause: Pause = pauseApart,
): Promise<readonly T[]> {
  let left = items;
  for (let inVain = 0; left.length > 0; inVain += 1) {
    const before = left.length;
    left = await work(left);
    if (left.length < before) inVain = 0;
    const ms = PAUSES_MS[inVain];
    if (ms === undefined || left.length === 0) break;
    await pause(ms);
  }
  return left;
}
