import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { anEvent } from '../../support/counting/events.ts';
import { countsOf, visits } from '../../support/counting/visits.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { createWorld, type World } from '../../support/counting/world.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';

let world: World;
let system: LiveSystem;
let mapping: { stop: () => Promise<void> };

beforeEach(async () => {
  world = await createWorld();
  system = await createLiveSystem(world);
  mapping = system.startDelivering();
  await system.put(visits(0, 30));
  await waitForVisitors(30);
});

afterEach(async () => {
  await mapping.stop();
  system.close();
  await world.close();
});

async function waitForVisitors(visitors: number): Promise<void> {
  await waitUntil(`${visitors} visitors`, async () => (await system.counts())['red:buy'] === visitors);
  expect(await system.counts()).toEqual(countsOf(visitors));
}

const served = () => system.stores.counters.readPointer();

describe('a replay', () => {
  test('counts the same as the live run did, and is served then', async () => {
    const result = await system.replay();
    expect(result).toMatchObject({ outcome: 'switched', differences: [], losses: [] });
    expect(await served()).toBe(result.replayed);
    expect(await system.counts()).toEqual(countsOf(30));
  });

  test('under live traffic loses nothing and counts nothing twice, and the served figures never go backwards', async () => {
    const traffic = { visitors: 30, isOver: false };
    const send = async () => {
      while (!traffic.isOver) {
        await system.put(visits(traffic.visitors, 3));
        traffic.visitors += 3;
      }
    };
    const figures: number[] = [];
    const watch = async () => {
      while (!traffic.isOver) {
        figures.push((await system.counts())['red:participate'] ?? 0);
        await sleep(5);
      }
    };
    const others = [send(), watch()];
    const results = [await system.replay(), await system.replay()];
    traffic.isOver = true;
    await Promise.all(others);

    expect(results.map(({ outcome }) => outcome)).toEqual(['switched', 'switched']);
    expect(figures).toEqual([...figures].sort((a, b) => a - b));
    await waitForVisitors(traffic.visitors);
  });

  test('holds the deliveries for as long as the comparison takes', async () => {
    const holds = jest.spyOn(system.stores.generationStore, 'hold');
    const { counts } = system.stores.counterReader;
    let late = 0;
    system.stores.now = () => Date.now() + late;
    system.stores.counterReader.counts = (...args) => {
      late += 20_000; // as if an experiment took so long
      return counts(...args);
    };
    for (let i = 0; i < 20; i += 1) await system.put([anEvent({ experiment: `other ${i}`, uuid: `${i}` })]);
    await waitUntil('all are counted', async () => (await system.stores.counterReader.experiments('g1')).length === 21);
    expect(await system.replay()).toMatchObject({ outcome: 'switched', differences: [] });
    expect(holds.mock.calls.length).toBeGreaterThan(1);
    // A replay that is killed under its hold keeps deliveries waiting for no longer than this.
    expect(Math.max(...holds.mock.calls.map(([seconds]) => seconds))).toBeLessThanOrEqual(60);
  });

  test('that is interrupted goes on where it was, and copies of what it has counted change nothing', async () => {
    const reads = system.stores.reader.read;
    let pages = 0;
    system.stores.reader.read = async function* (shardId, after) {
      for await (const page of reads(shardId, after)) {
        if ((pages += 1) === 2) throw new Error('the connection is reset');
        yield page;
      }
    };
    const before = await served();
    await expect(system.replay()).rejects.toThrow('the connection is reset');
    expect(await served()).toBe(before);

    system.stores.reader.read = reads;
    const begun = (await system.stores.generationStore.list()).filter((generation) => generation !== before);
    expect(begun).toHaveLength(1);
    await system.put(visits(0, 10));
    const result = await system.replay({ resume: begun[0] ?? '' });
    expect(result).toMatchObject({ outcome: 'switched', replayed: begun[0], differences: [] });
    expect(await system.counts()).toEqual(countsOf(30));
  });

  test('that was killed, and of which Redis has lost the watermarks since, is not gone on with', async () => {
    const killed = await system.replay({ forMs: 0 });
    await world.redis.hset(createRedisKeys(world.prefix).totals(killed.replayed), 'alephbet:button@0', 1);
    await expect(system.replay({ resume: killed.replayed })).rejects.toThrow('start another replay, without --resume');
    expect((await system.replay()).outcome).toBe('switched');
    expect(await system.counts()).toEqual(countsOf(30));
  });

  test('leaves nothing of those that were killed before the active generation began', async () => {
    const killed = await system.replay({ forMs: 0 });
    expect(killed.outcome).toBe('unfinished');
    const [first = ''] = [await served()];
    await system.replay();
    const second = await served();
    await system.replay();
    const left = await system.stores.generationStore.list();
    expect(left.sort()).toEqual([second, await served()].sort());
    expect(left).not.toContain(first);
    expect(left).not.toContain(killed.replayed);
    expect(await system.counts()).toEqual(countsOf(30));
  });

  test('that may not take so long comes back, and can be gone on with', async () => {
    const { read } = system.stores.reader;
    let late = 0;
    system.stores.now = () => Date.now() + late;
    system.stores.reader.read = async function* (...from) {
      for await (const page of read(...from)) {
        yield { ...page, records: page.records.slice(0, 1) };
        late += 40_000; // as if a record took so long
        yield { ...page, records: page.records.slice(1) };
      }
    };
    const first = await system.replay({ forMs: 60_000 });
    expect(first).toMatchObject({ outcome: 'unfinished', differences: [] });
    expect(await served()).toBe('g1');

    system.stores.reader.read = read;
    expect(await system.replay({ resume: first.replayed })).toMatchObject({ outcome: 'switched', differences: [] });
    expect(await system.counts()).toEqual(countsOf(30));
  });

  test('beside another one ends where the other is faster: one of them switches', async () => {
    const results = await Promise.all([system.replay(), system.replay()]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['overtaken', 'switched']);
    expect(await system.counts()).toEqual(countsOf(30));
  });

  test('as a dry run compares, and leaves nothing behind that could be served', async () => {
    const before = await served();
    const result = await system.replay({ dryRun: true });
    expect(result).toMatchObject({ outcome: 'dry run', differences: [] });
    expect(await served()).toBe(before);
    expect(await system.stores.generationStore.list()).toEqual([before]);
    await expect(system.replay({ resume: result.replayed })).rejects.toThrow('start a replay without --resume');
  });

  test('from a later time on is not served by mistake, not even when it is gone on with', async () => {
    await sleep(5);
    const from = Date.now();
    await system.put(visits(30, 10));
    await waitForVisitors(40);
    const before = await served();

    const first = await system.replay({ from });
    expect(first.outcome).toBe('would lose');
    expect(first.losses.length).toBeGreaterThan(0);
    expect((await system.replay({ resume: first.replayed })).outcome).toBe('would lose');
    expect(await served()).toBe(before);

    expect((await system.replay({ resume: first.replayed, acceptLoss: true })).outcome).toBe('switched');
    expect(await system.counts()).toEqual(countsOf(10));
  });

  test('from a time to come leaves out nothing that has not been counted yet', async () => {
    await mapping.stop();
    await system.put(visits(30, 10));
    const result = await system.replay({ from: Date.now() + 3_600_000, acceptLoss: true });
    expect(result.outcome).toBe('switched');
    mapping = system.startDelivering();
    await waitForVisitors(10);
  });

  test('leaves out what was received before its experiment was deleted, and takes what came after', async () => {
    await system.stores.deletions.delete('alephbet:button');
    await system.put(visits(0, 5)); // the same uuids as before: another incarnation
    await waitUntil('the new incarnation', async () => (await system.counts('button@1'))['red:buy'] === 5);

    expect(await system.replay()).toMatchObject({ outcome: 'switched', differences: [] });
    expect(await system.counts('button@1')).toEqual(countsOf(5));
    expect(await system.counts('button@0')).toEqual({});
  });

  test('counts nothing into a generation that has been removed, and cannot switch to it', async () => {
    const before = await served();
    const reads = system.stores.reader.read;
    const removed: string[] = [];
    system.stores.reader.read = async function* (shardId, after) {
      for await (const page of reads(shardId, after)) {
        // The first shard has been counted by the time that the second one is read.
        for (const generation of await system.stores.generationStore.list()) {
          if (generation === before || removed.includes(generation)) continue;
          removed.push(generation);
          await system.stores.generationStore.remove(generation);
        }
        yield page;
      }
    };
    await expect(system.replay()).rejects.toThrow('WRONGTYPE');
    expect(removed).toHaveLength(1);
    expect(await served()).toBe(before);
    const left = await world.redis.keys(`${createRedisKeys(world.prefix).generations}${removed[0] ?? ''}:*`);
    expect(left.map((key) => key.split(':').at(-1))).toEqual(['watermarks']);
  });
});
