import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { readConsumerConfig } from '../../../shared/runtime/config.ts';
import { connectOwner, connectStores, type AllStores } from '../../../shared/stores/connect.ts';
import { createGenerations } from '../../../shared/stores/dynamodb/generation-numbers.ts';
import { readInstallation } from '../../../shared/stores/dynamodb/installation.ts';
import { environmentOf, loadReport } from '../../support/aws/load-handler.ts';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { anEvent } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';
import { waitUntil } from '../../support/wait-until.ts';

const ignore = () => undefined;
const FOREIGN = /not those of this installation/;

let first: World;
/** Another stage, with the Redis and the prefix of the first. */
let second: World;
let open: { close: () => void }[];

beforeEach(async () => {
  first = await createWorld();
  second = { ...(await createWorld()), prefix: first.prefix };
  open = [];
});
afterEach(async () => {
  for (const opened of open) opened.close();
  await Promise.all([first.close(), second.close()]);
});

async function system(world: World): Promise<LiveSystem> {
  const live = await createLiveSystem(world);
  open.push(live);
  return live;
}

async function stores(world: World): Promise<AllStores> {
  const opened = await connectStores(readConsumerConfig(environmentOf(world)), ignore);
  open.push(opened);
  return opened;
}

async function place(world: World) {
  const opened = await connectOwner(readConsumerConfig(environmentOf(world)), ignore);
  open.push(opened);
  return opened.owner;
}

async function count(live: LiveSystem, events: number): Promise<void> {
  await live.put(Array.from({ length: events }, () => anEvent({ variant: 'short' })));
  const delivering = live.startDelivering();
  await waitUntil('the events are counted', async () => ((await live.counts())['short:participate'] ?? 0) >= events);
  await delivering.stop();
}

/** As version 0.1.0 has left it. */
const forgetOwner = (world: World) => world.redis.del(createRedisKeys(world.prefix).owner);

describe('two installations that are given one place in Redis', () => {
  test('the second one neither counts nor reads there, and the first one goes on', async () => {
    const one = await system(first);
    await count(one, 3);
    const before = await first.redis.keys(`${first.prefix}*`);
    await expect(stores(second)).rejects.toThrow(FOREIGN);
    await expect(stores(second)).rejects.toThrow(first.stateTable);
    expect((await first.redis.keys(`${first.prefix}*`)).sort()).toEqual(before.sort());
    expect(await one.counts()).toEqual({ 'short:participate': 3 });
  });

  test('a process that was there before notices it with its next batch', async () => {
    const one = await stores(first);
    await first.redis.del(await first.redis.keys(`${first.prefix}*`));
    await stores(second);
    await expect(one.counters.readPointer()).rejects.toThrow(FOREIGN);
    await expect(one.counters.initPointer('g1')).rejects.toThrow(FOREIGN);
    await expect(one.counterReader.generation()).rejects.toThrow(FOREIGN);
    await expect(one.tallies.namespace('alephbet')).rejects.toThrow(FOREIGN);
  });

  test('a report of the second one says that it cannot be read, and shows nothing of the first', async () => {
    const one = await system(first);
    await count(one, 3);
    await (await stores({ ...second, prefix: `${second.prefix.slice(0, -1)}-other}` })).apiKeys.add('key', 'read');
    const report = await loadReport(environmentOf(second));
    const answer = await report(
      {
        rawPath: '/experiments',
        rawQueryString: '',
        headers: { 'x-api-key': 'key' },
        requestContext: { http: { method: 'GET' } },
      } as never,
      { getRemainingTimeInMillis: () => 10_000 } as never,
      ignore,
    );
    expect(answer).toMatchObject({ statusCode: 503 });
  });

  test('that version 0.1.0 has mixed already: neither goes on, and one may take it and count its stream again', async () => {
    const one = await system(first);
    await count(one, 3);
    await forgetOwner(first);
    const keys = createRedisKeys(first.prefix);
    await first.redis.hset(keys.watermarks('g1'), { [`${second.stream}/shardId-000000000000`]: '1' });
    await expect(stores(first)).rejects.toThrow(second.stream);
    await expect(stores(second)).rejects.toThrow(first.stream);

    await (await place(first)).seize(true);
    const again = await system(first);
    await again.heal();
    expect(await again.counts()).toEqual({ 'short:participate': 3 });
    await expect(stores(second)).rejects.toThrow(FOREIGN);
  });
});

describe('counters of version 0.1.0', () => {
  beforeEach(async () => {
    const keys = createRedisKeys(first.prefix);
    await first.redis.set(keys.layoutOnePointer, 'g7');
    await first.redis.hset(`${first.prefix}:g7:watermarks`, { [`${first.stream}/shardId-000000000000`]: '1' });
  });

  test('are seen before they are carried over', async () => {
    const found = { owner: 'unknown', generation: 'g7', streams: [first.stream] };
    expect(await (await place(second)).look()).toMatchObject(found);
  });

  test('are not for another installation to carry over', async () => {
    await expect(stores(second)).rejects.toThrow(first.stream);
  });
});

describe('an installation', () => {
  const ownPrefix = (world: World, stage = 'prod') =>
    readInstallation(world.dynamodb, world.stateTable, { redisPrefix: '', stage });

  test('has a prefix with its stage, decided once', async () => {
    const [a, b] = await Promise.all([ownPrefix(first), ownPrefix(first)]);
    expect(a).toEqual(b);
    expect(a.prefix).toBe('{mem:prod}');
    expect(await ownPrefix(first, 'another')).toEqual(a);
  });

  test('that has counted before there were owners keeps {mem}', async () => {
    await createGenerations(first.dynamodb, first.stateTable).next();
    expect(await ownPrefix(first)).toMatchObject({ prefix: '{mem}' });
  });

  test('takes over the counters that it made before there were owners', async () => {
    const one = await system(first);
    await count(one, 2);
    await forgetOwner(first);
    const again = await system(first);
    expect(await again.counts()).toEqual({ 'short:participate': 2 });
    expect(await (await place(first)).look()).toMatchObject({ owner: 'this installation', generation: 'g1' });
  });

  test('may keep the counters that it finds, where it is told to', async () => {
    const one = await system(first);
    await count(one, 2);
    const owner = await place(second);
    expect(await owner.look()).toEqual({
      prefix: first.prefix,
      owner: 'another installation',
      stateTable: first.stateTable,
      generation: 'g1',
      streams: [first.stream],
    });
    await owner.seize(false);
    expect(await (await stores(second)).counters.readPointer()).toBe('g1');
  });

  test('gives a generation no number that Redis has already', async () => {
    const one = await stores(first);
    await first.redis.hset(createRedisKeys(first.prefix).watermarks('g1'), { a: '1' });
    await first.redis.set(createRedisKeys(first.prefix).watermarks('g2'), 'removed');
    expect(await one.generations.next()).toBe('g3');
  });
});
