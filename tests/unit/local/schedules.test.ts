import { describe, expect, test } from '@jest/globals';
import { readRate, startSchedules } from '../../../local/schedules.ts';
import { waitUntil } from '../../support/wait-until.ts';

test('rates are read as AWS writes them', () => {
  expect(['rate(1 minute)', 'rate(5 minutes)', 'rate(1 hour)', 'rate(2 days)'].map(readRate)).toEqual([
    60_000, 300_000, 3_600_000, 172_800_000,
  ]);
  for (const wrong of ['rate(0 minutes)', 'cron(0 12 * * ? *)', 'rate(5 weeks)']) {
    expect(() => readRate(wrong)).toThrow(`expected a schedule such as rate(5 minutes), got "${wrong}"`);
  }
});

describe('what runs on a schedule', () => {
  test('runs at once and again, also after it failed, and not while it runs', async () => {
    const warnings: string[] = [];
    let runs = 0;
    let atOnce = 0;
    const run = async () => {
      expect((atOnce += 1)).toBe(1);
      runs += 1;
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      if (runs === 2) throw new Error('not this time');
    };
    const stop = startSchedules([{ name: 'it', everyMs: 1, run }], (line) => warnings.push(line));
    await waitUntil('it runs on', () => runs > 3);
    await stop();
    expect(warnings).toEqual(['it failed, the next run goes on: Error: not this time']);
    const ran = runs;
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs).toBe(ran);
  });

  test('ends with the run that is under way', async () => {
    let ended = false;
    const run = async (signal: AbortSignal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended = true;
    };
    await startSchedules([{ name: 'it', everyMs: 3_600_000, run }], () => undefined)();
    expect(ended).toBe(true);
  });
});
