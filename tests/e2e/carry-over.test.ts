import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { connectRedis } from '../../shared/stores/redis/client.ts';
import type { TrackedEvent } from '../../shared/contract/event.ts';
import { startLocalSystem, type LocalSystem } from '../support/local/local-system.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A data folder that version 0.1.0 left when it was stopped hard, with events that were not counted yet. */
const FIXTURE = 'tests/fixtures/mem-0.1.0';
/** An hour after it was left. Streams and claims forget: whenever this test runs, it runs then. */
const THEN = Date.UTC(2026, 10, 26, 2, 17);

interface Expected {
  /** An API key that was made by then. */
  ownKey: string;
  /** Events that were counted once, or wait to be. */
  duplicatesToSendAgain: TrackedEvent[];
  /** JSON [namespace, experiment, variant, event] -> count, when all is counted */
  want: Record<string, number>;
}

interface Report {
  variants: { name: string; exposures: number }[];
  goals: { name: string; results: { variant: string; count: number }[] }[];
}

const expected = JSON.parse(readFileSync(`${FIXTURE}/expected.json`, 'utf8')) as Expected;

// One story, in order: a start of the system takes seconds.
describe('a data folder of version 0.1.0', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-carried-'));
  const data = join(folder, 'data');
  let system: LocalSystem;
  let redis: Redis;
  let before: Record<string, string>;
  const begunAt = Date.now();

  beforeAll(async () => {
    const unpacked = spawnSync('tar', ['-xzf', `${FIXTURE}/data.tgz`, '-C', folder]);
    if (unpacked.status !== 0) throw new Error(unpacked.stderr.toString());
    await start();
  });
  afterAll(async () => {
    redis.disconnect();
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const settings = {
      NODE_OPTIONS: `--require ${resolve('tests/support/local/set-back.cjs')}`,
      MEM_TEST_TIME: `${THEN + Date.now() - begunAt}`,
    };
    system = await startLocalSystem({ folder: data, settings });
    const { REDIS_URL } = JSON.parse(readFileSync(join(data, 'system.json'), 'utf8')) as { REDIS_URL: string };
    redis = connectRedis(REDIS_URL, () => undefined);
  }

  async function readCounts(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    const keys = Object.keys(expected.want).map((key) => JSON.parse(key) as [string, string, string, string]);
    const experiments = new Map(keys.map(([namespace, name]) => [`${namespace}\0${name}`, { namespace, name }]));
    for (const { namespace, name } of experiments.values()) {
      const path = `${encodeURIComponent(name)}?${new URLSearchParams({ namespace }).toString()}`;
      const answer = await fetch(`${system.url}/v1/experiments/${path}`, { headers: { 'x-api-key': expected.ownKey } });
      if (!answer.ok) continue;
      const { variants, goals } = (await answer.json()) as Report;
      for (const { name: variant, exposures } of variants) {
        counts[JSON.stringify([namespace, name, variant, 'participate'])] = exposures;
      }
      for (const { name: goal, results } of goals) {
        for (const { variant, count } of results) counts[JSON.stringify([namespace, name, variant, goal])] = count;
      }
    }
    return counts;
  }

  const isExact = async () => {
    const counts = await readCounts();
    return Object.entries(expected.want).every(([key, count]) => counts[key] === count);
  };

  test('is counted to the end, exactly', async () => {
    await waitUntil('every count is what it has to be', isExact);
    const counts = await readCounts();
    const rest = Object.entries(counts).filter(([key, count]) => !(key in expected.want) && count > 0);
    expect(rest).toEqual([]);
  });

  test('does not count what it has counted once more', async () => {
    const headers = { 'content-type': 'application/json' };
    for (let first = 0; first < expected.duplicatesToSendAgain.length; first += 100) {
      const body = JSON.stringify(expected.duplicatesToSendAgain.slice(first, first + 100));
      const answer = await fetch(`${system.url}/events`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
    }
    const fresh: TrackedEvent = {
      namespace: 'later',
      experiment: 'new',
      variant: 'a',
      event: 'participate',
      uuid: '1',
    };
    for (let unit = 0; unit < 40; unit += 1) {
      const body = JSON.stringify([{ ...fresh, uuid: `later ${unit}`, unit: `visitor ${unit}` }]);
      expect((await fetch(`${system.url}/events`, { method: 'POST', headers, body })).status).toBe(200);
    }
    await waitUntil('the events that were sent last are counted', async () => {
      const answer = await fetch(`${system.url}/v1/experiments/new?namespace=later`, {
        headers: { 'x-api-key': expected.ownKey },
      });
      return answer.ok && ((await answer.json()) as Report).variants[0]?.exposures === 40;
    });
    expect(await readCounts()).toMatchObject(expected.want);
  });

  test('keeps the counters of 0.1.0 where 0.1.0 finds them, as they were', async () => {
    const pointers = await redis.mget('{mem}:generation', '{mem}:2:generation');
    expect(pointers).toEqual(['g3', 'g4']);
    before = await redis.hgetall('{mem}:g3:watermarks');
    expect(Object.keys(before).length).toBeGreaterThan(0);
    expect(await redis.exists('{mem}:g3:units:alephbet:checkout@0', '{mem}:hold')).toBe(1);
  });

  test('goes on after it is killed, and carries nothing over again', async () => {
    redis.disconnect();
    await system.kill();
    await start();
    expect(await redis.mget('{mem}:generation', '{mem}:2:generation')).toEqual(['g3', 'g4']);
    expect(await redis.hgetall('{mem}:g3:watermarks')).toEqual(before);
    expect(await readCounts()).toMatchObject(expected.want);
  });
});
