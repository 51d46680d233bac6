import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statusLines } from '../../../cli/commands/operate/status.ts';
import { readHealth, type Health } from '../../../cli/status/health.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { environmentOf } from '../../support/aws/load-handler.ts';
import { anEvent } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { runMem } from '../../support/local/run-mem.ts';
import { waitUntil } from '../../support/wait-until.ts';

const noSleep = () => Promise.resolve();

let world: World;
let live: LiveSystem;
beforeAll(async () => {
  world = await createWorld();
  live = await createLiveSystem(world);
  Object.assign(process.env, environmentOf(world));
  for (let i = 0; i < 30; i += 1) await live.put([anEvent()]); // each with a key of its own, so in both shards
  const delivering = live.startDelivering();
  await waitUntil('everything is counted', async () => (await live.counts())['red:participate'] === 30);
  await waitUntil('everything is checkpointed', async () => (await live.stores.checkpoints.readAll()).size === 2);
  await delivering.stop();
});
afterAll(async () => {
  live.close();
  await world.close();
});

const lose = async () => world.redis.del(await world.redis.keys(`${world.prefix}:*`));
const REBUILDING = expect.stringContaining('counters are being rebuilt from the stream');

describe('a system on which nobody has to do anything', () => {
  test('says so, and 0', async () => {
    const { code, stdout } = await runMem('status');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('All is well.') });
    expect(stdout).toMatch(/counters {4}whole, g\d+ is active/);
    expect(stdout.match(/all is counted/g)).toHaveLength(2);
    const health = JSON.parse((await runMem('status', '--json')).stdout) as Health;
    expect(health).toMatchObject({ ok: true, problems: [], counters: { rebuilding: false, countedSince: null } });
  });
});

test('mem replay --from says what it needs before it counts anything', async () => {
  expect(await runMem('replay', '--from', '2026-11-01T00:00:00Z')).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('say --accept-loss'),
  });
  expect((await runMem('generations')).stdout).toMatch(/^\* g\d+ {2}1 experiments {2}begun 20\S+ {2}active\n$/);
});

test('after a switch that was not meant, the old generation is brought up to date and made active again', async () => {
  const old = (await runMem('generations')).stdout.slice(2, 4);
  expect(await runMem('replay')).toMatchObject({ code: 0, stdout: expect.stringContaining('No counter differs.') });
  expect(await runMem('replay', '--resume', old)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${old} is active now`),
  });
  const [other = ''] = /g\d+(?= {2})/.exec((await runMem('generations')).stdout.replace(`* ${old}`, '')) ?? [];
  await runMem('generations', 'remove', other);
});

describe('while what Redis has lost is counted again, every command says the same', () => {
  beforeAll(lose);
  afterAll(async () => {
    await live.heal();
    expect(await runMem('status')).toMatchObject({ code: 0, stdout: expect.stringMatching(/whole, g\d+ is active/) });
    expect(await live.counts()).toEqual({ 'red:participate': 30 });
  });

  test('mem status: how far, and 1', async () => {
    const { code, stdout } = await runMem('status');
    expect({ code, stdout }).toEqual({ code: 1, stdout: REBUILDING });
    expect(stdout.match(/being rebuilt, so far up to 20\d\d-/g)).toHaveLength(2);
  });

  test('mem experiments', async () => {
    expect(await runMem('experiments')).toEqual({
      code: 0,
      stdout: 'no counters at this moment\n',
      stderr: REBUILDING,
    });
  });

  test('mem generations', async () => {
    expect(await runMem('generations')).toEqual({
      code: 0,
      stdout: 'no counters at this moment\n',
      stderr: REBUILDING,
    });
  });

  test('mem report: not now, and 75', async () => {
    expect(await runMem('report', 'button')).toEqual({ code: 75, stdout: '', stderr: REBUILDING });
  });

  test('mem replay does not call it equal', async () => {
    expect(await runMem('replay', '--dry-run')).toEqual({ code: 75, stdout: '', stderr: REBUILDING });
  });

  test('mem experiments delete works: the mark holds for what is counted again, too', async () => {
    expect(await runMem('experiments', 'delete', 'gone', '--yes')).toMatchObject({ code: 0 });
  });
});

describe('events that wait', () => {
  test('are no problem for some seconds, and one after half an hour', async () => {
    await live.put([anEvent()]);
    expect((await readHealth({ ...live.stores }, noSleep)).ok).toBe(true);
    const later = await readHealth({ ...live.stores, now: () => Date.now() + 3_600_000 }, noSleep);
    expect(later).toMatchObject({ ok: false, problems: [expect.stringContaining('events wait and are not counted')] });
    expect(statusLines(later).join('\n')).toMatch(/counted but for the last 3[56]\d\d s/);
  });

  test('and a Redis that is nearly full is one', async () => {
    const info = new Map([
      ['used_memory', '900'],
      ['maxmemory', '1000'],
    ]);
    const health = await readHealth({ ...live.stores, redisInfo: () => Promise.resolve(info) }, noSleep);
    expect(health.problems).toEqual([expect.stringContaining('90 % full')]);
  });

  test('and quarantine is not looked at where that is not allowed, as in the network of a stage', async () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const quarantine = {
      ...live.stores.quarantine,
      async *entries(): AsyncGenerator<never> {
        yield await Promise.reject(denied);
      },
    };
    const health = await readHealth({ ...live.stores, quarantine }, noSleep);
    expect(health.quarantine).toBeNull();
    expect(statusLines(health).join('\n')).toContain('mem quarantine --reasons');
  });

  test('a place that another installation owns is told, and 1', async () => {
    const { owner } = createRedisKeys(world.prefix);
    await world.redis.set(owner, 'somebody mem-other-StateTable');
    expect(await runMem('status')).toMatchObject({ code: 1, stderr: expect.stringContaining('mem-other-StateTable') });
    await world.redis.del(owner);
  });
});
