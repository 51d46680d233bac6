import { setTimeout as sleep } from 'node:timers/promises';

export interface Schedule {
  /** Of what is run, as it reads in a complaint. */
  name: string;
  everyMs: number;
  run: (signal: AbortSignal) => Promise<unknown>;
}

/**
 * Runs each of them at once, and again when its time has passed since it ended.
 * @param warn told in one line what goes wrong; the next run comes all the same
 * @returns how to end them; resolves when what runs has ended
 */
export function startSchedules(schedules: readonly Schedule[], warn: (line: string) => void): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = schedules.map(async ({ name, everyMs, run }) => {
    while (!signal.aborted) {
      await run(signal).catch((error: unknown) => warn(`${name} failed, the next run goes on: ${String(error)}`));
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  });
  return async () => {
    stopping.abort();
    await Promise.all(running);
  };
}

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * How often `rate(5 minutes)` is, ms.
 * @throws Error for an expression of another kind
 */
export function readRate(expression: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const milliseconds = Number(count) * (UNITS[unit] ?? NaN);
  if (milliseconds > 0) return milliseconds;
  throw new Error(`serverless.yml: expected a schedule such as rate(5 minutes), got ${JSON.stringify(expression)}.`);
}
