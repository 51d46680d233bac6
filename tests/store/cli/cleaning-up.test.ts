import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { environmentOf } from '../../support/aws/load-handler.ts';
import { anEvent } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { runMem } from '../../support/local/run-mem.ts';
import { waitUntil } from '../../support/wait-until.ts';

const FLOOD = 12;

let world: World;
let live: LiveSystem;
beforeAll(async () => {
  world = await createWorld();
  live = await createLiveSystem(world);
  Object.assign(process.env, environmentOf(world));
  const delivering = live.startDelivering();
  for (let i = 0; i < FLOOD; i += 1) await live.put([anEvent({ namespace: 'flood', experiment: `made-up.${i}` })]);
  await live.put([anEvent({ namespace: 'flood', experiment: 'made-up' }), anEvent({ experiment: 'own' })]);
  const counted = async () => {
    const active = await live.stores.counters.readPointer();
    return active === undefined ? 0 : (await live.stores.counterReader.experiments(active)).length;
  };
  await waitUntil('all are counted', async () => (await counted()) === FLOOD + 2);
  await delivering.stop();
});
afterAll(async () => {
  live.close();
  await world.close();
});

const namespaces = async () => JSON.parse((await runMem('namespaces', '--json')).stdout) as unknown;

describe('after a flood of made-up names', () => {
  test('mem namespaces lists them all, with what is counted in each', async () => {
    expect(await namespaces()).toEqual([
      { namespace: 'alephbet', counted: 1, defined: 0 },
      { namespace: 'flood', counted: FLOOD + 1, defined: 0 },
    ]);
    expect((await runMem('namespaces')).stdout).toMatch(
      /^namespace +counted +defined\nalephbet +1 +0\nflood +13 +0\n$/,
    );
  });

  test('a pattern shows first what it would delete', async () => {
    const { code, stderr } = await runMem('experiments', 'delete', '--namespace', 'flood', '--matching', 'made-up.*');
    expect(code).toBe(2);
    expect(stderr).toContain(`this deletes all counts of ${FLOOD} experiments: confirm with --yes\n  made-up.0\n`);
  });

  test('all of them are deleted together, in the time that one takes', async () => {
    const { code, stdout } = await runMem(
      ...['experiments', 'delete', '--namespace', 'flood', '--matching', 'made-up.*', '--yes'],
    );
    expect([code, stdout.match(/is deleted/g)?.length]).toEqual([0, FLOOD]);
    expect(await namespaces()).toEqual([
      { namespace: 'alephbet', counted: 1, defined: 0 },
      { namespace: 'flood', counted: 1, defined: 0 },
    ]);
  });

  test('names and a pattern together, or neither, are no wish that can be understood', async () => {
    expect(await runMem('experiments', 'delete', '--yes')).toMatchObject({ code: 2 });
    expect(await runMem('experiments', 'delete', 'own', '--matching', '*', '--yes')).toMatchObject({ code: 2 });
    expect(await runMem('experiments', 'delete', '--matching', 'nothing*', '--yes')).toMatchObject({ code: 1 });
  });

  test('mem report of what is not counted yet says so, and 75', async () => {
    await live.put([anEvent({ experiment: 'new' })]);
    expect(await runMem('report', 'new')).toMatchObject({
      code: 75,
      stderr: expect.stringContaining('events wait that are not counted yet'),
    });
  });

  test('mem generations shows when each was begun, how far it is, and the way back', async () => {
    await live.replay();
    const { stdout, stderr } = await runMem('generations');
    expect(stdout).toMatch(
      /^ {2}g\d {2}\d experiments {2}begun 20\d\d-\S+ +as far as the active one\n\* g\d .* active\n$/,
    );
    const [before] = /g\d/.exec(stdout) ?? [];
    expect(stderr).toContain(`To go back: mem replay --resume ${before}`);
  });
});
