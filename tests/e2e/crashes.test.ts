import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runRestore } from '../../bench/restore/run-restore.ts';
import { runCrashes } from '../../bench/crashes/run-crashes.ts';
import type { Victim } from '../../bench/crashes/strikes.ts';
import { startLocalSystem } from '../support/local/local-system.ts';

describe('with real processes killed and Redis rolled back or emptied under traffic', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
  let victim: Victim;
  beforeAll(async () => {
    victim = { system: await startLocalSystem({ folder }), folder };
  });
  afterAll(async () => {
    await victim.system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every counter ends exact, nobody having done anything', async () => {
    const results = await runCrashes({ victim, events: 900, seed: 11, say: () => undefined });
    const faults = results.map(({ name, load: { settled, differences, wrongAnswers } }) => ({
      name,
      settled,
      differences,
      wrongAnswers,
    }));
    expect(faults).toEqual(results.map(({ name }) => ({ name, settled: true, differences: [], wrongAnswers: [] })));
  });

  test('every figure comes back from the tables and the event log alone', async () => {
    const result = await runRestore({ victim, events: 200, seed: 12, kills: 0, say: () => undefined });
    const { load, log, differences, figures } = result;
    expect({ differences, wrong: load.differences, faults: log.faults, twice: log.rows - log.events }).toEqual({
      differences: [],
      wrong: [],
      faults: [],
      twice: 0,
    });
    expect(figures).toBeGreaterThan(1_000);
    expect(log.rows).toBeGreaterThan(100);
  });
});
