import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runLoad, type LoadResult } from '../../bench/load/run-load.ts';
import { startLocalSystem, type LocalSystem } from '../support/local/local-system.ts';

describe('under a load of good, bad and repeated events through every door', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
  let system: LocalSystem;
  beforeAll(async () => {
    system = await startLocalSystem({ folder });
  });
  afterAll(async () => {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const load = (url: string): Promise<LoadResult> =>
    runLoad({
      url,
      apiKey: 'local',
      events: 800,
      seed: 7,
      connections: 20,
      patienceSeconds: 120,
      say: () => undefined,
    });

  test('every counter is exact and every bad event is refused with its reason, also when all of it is sent again', async () => {
    for (const time of ['first', 'second']) {
      const { plan, settled, wrongAnswers, differences, counters } = await load(system.url);
      expect({ time, settled, wrongAnswers, differences }).toEqual({
        time,
        settled: true,
        wrongAnswers: [],
        differences: [],
      });
      expect(counters).toBeGreaterThan(200);
      expect(plan.bad).toBeGreaterThan(8);
      expect(plan.repeats).toBeGreaterThan(0.25 * plan.events);
    }
  });

  test('a single counter that is one too high is found', async () => {
    const extra = { namespace: '', experiment: 'unasked for 7.800', variant: 'a', event: 'participate', uuid: '1' };
    await fetch(`${system.url}/track?${new URLSearchParams(extra).toString()}`);
    const { differences } = await load(system.url);
    expect(differences).toEqual([expect.stringContaining('unasked for')]);
  });
});
