import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Verification } from '../../../cli/verify/verify.ts';
import { environmentOf } from '../../support/aws/load-handler.ts';
import { anEvent } from '../../support/counting/events.ts';
import { visitOf } from '../../support/counting/visits.ts';
import { createWorld, type World } from '../../support/counting/world.ts';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { runMem } from '../../support/local/run-mem.ts';
import { waitUntil } from '../../support/wait-until.ts';

let world: World;
let live: LiveSystem;
/** What Redis held when everything was counted, and before half of it was. */
let whole: Map<string, Buffer>;
let older: Map<string, Buffer>;

async function snapshot(): Promise<Map<string, Buffer>> {
  const keys = await world.redis.keys(`${world.prefix}:*`);
  const dumps = await Promise.all(keys.map(async (key) => [key, await world.redis.dumpBuffer(key)] as const));
  return new Map(dumps);
}

async function restore(held: ReadonlyMap<string, Buffer>): Promise<void> {
  await world.redis.del(await world.redis.keys(`${world.prefix}:*`));
  for (const [key, dump] of held) await world.redis.restore(key, 0, dump);
}

/** Counts so many visitors, some with a segment, and waits until all is durable. */
async function countVisitors(first: number, visitors: number): Promise<void> {
  const delivering = live.startDelivering();
  for (let visitor = first; visitor < first + visitors; visitor += 1) {
    await live.put([...visitOf(visitor), anEvent({ experiment: 'other', segments: { platform: 'ios' } })]);
  }
  await waitUntil('all are counted', async () => (await live.counts())['red:buy'] === first + visitors);
  await waitUntil(
    'all of the other',
    async () => (await live.counts('other@0'))['red:participate'] === first + visitors,
  );
  await delivering.stop();
}

beforeAll(async () => {
  world = await createWorld();
  live = await createLiveSystem(world);
  Object.assign(process.env, environmentOf(world));
  await countVisitors(0, 15);
  older = await snapshot();
  await countVisitors(15, 15);
  whole = await snapshot();
});
afterEach(() => restore(whole));
afterAll(async () => {
  live.close();
  await world.close();
});

const keysOf = (kind: string) => [...whole.keys()].filter((key) => key.split(':').includes(kind));

test('counters that agree with everything are whole, and 0', async () => {
  expect(await runMem('verify')).toEqual({ code: 0, stdout: 'Whole: 2 experiments, 90 events in g1\n', stderr: '' });
  const { verdict, faults } = JSON.parse((await runMem('verify', '--json')).stdout) as Verification;
  expect({ verdict, faults }).toEqual({ verdict: 'whole', faults: [] });
});

describe('an older append-only file that was restored', () => {
  test('is being rebuilt: how far, and 75; a replay calls nothing equal', async () => {
    await restore(older);
    const { code, stdout } = await runMem('verify');
    expect({ code, stdout }).toEqual({
      code: 75,
      stdout: expect.stringContaining('Being rebuilt: 2 experiments, 45 events in g1'),
    });
    expect(stdout).toMatch(/being rebuilt, so far up to 20\d\d-/);
    expect(await runMem('replay', '--dry-run')).toMatchObject({ code: 75, stdout: '' });
    await live.heal();
    expect(await runMem('verify')).toMatchObject({ code: 0, stdout: 'Whole: 2 experiments, 90 events in g1\n' });
  });
});

test('a segment that has more than there is of all visitors is told', async () => {
  const [key = ''] = keysOf('segments');
  const [field = ''] = await world.redis.hkeys(key);
  await world.redis.hset(key, field, 1_000);
  const { code, stdout } = await runMem('verify');
  expect(code).toBe(1);
  expect(stdout).toMatch(/are counted, and 1000 of platform=/);
});

const LOST = /^Lost: .*\n(.*\n)*Keys are missing in Redis/;

describe('a key that is lost alone', () => {
  test.each(['counts', 'days', 'uniques', 'activity', 'experiments', 'totals', 'watermarks'])('%s', async (kind) => {
    const keys = keysOf(kind);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      await restore(whole);
      await world.redis.del(key);
      expect({ key, ...(await runMem('verify')) }).toMatchObject({ key, code: 1, stdout: expect.stringMatching(LOST) });
    }
  });

  test('is told with the experiment, what its figures are, and what to do', async () => {
    await world.redis.del(keysOf('days').filter((key) => key.includes('button')));
    const { code, stdout } = await runMem('verify');
    expect(code).toBe(1);
    expect(stdout).toContain('  alephbet/button: red, participants: 30 are counted, and 0 in the sum of all days\n');
    expect(stdout).toContain('mem replay counts again');
  });

  test('comes back by the replay that is named', async () => {
    await world.redis.del(keysOf('counts'));
    expect(await runMem('replay')).toMatchObject({ code: 0, stdout: expect.stringContaining('is active now') });
    expect(await runMem('verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('Whole: 2 experiments') });
  });
});

test('what had left the stream before it was counted again is lost: what, since when, and 1', async () => {
  await live.stores.losses.record({
    ...{ shard: `${world.stream}/shardId-000000000000`, generation: 'g1' },
    ...{ from: '1', to: '2', countedSince: Date.now() },
  });
  const { code, stdout } = await runMem('verify');
  expect(code).toBe(1);
  expect(stdout).toMatch(/Lost: .*\n {2}\S+: records are lost, counts are whole since 20\d\d-\S+: 2 experiments/);
});
