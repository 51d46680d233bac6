import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import { createCounters } from '../../../shared/stores/redis/counters.ts';
import type { Counters, Move } from '../../../shared/counting/counters.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { bucketBits, bucketOf, createRedisKeys, type RedisKeys } from '../../../shared/stores/redis/keys.ts';
import { visitorOf } from '../../../shared/counting/visitors/visitor-record.ts';
import { readCounters, readCounts, snapshot } from '../../support/counting/consumer.ts';
import { anEvent, NOON, nothingDeleted, sequenceOf } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let base: World;
let world: World;
let counters: Counters;
let keys: RedisKeys;
let worlds = 0;

beforeAll(async () => {
  base = await createWorld();
});
beforeEach(async () => {
  worlds += 1;
  world = { ...base, prefix: `${base.prefix.slice(0, -1)}-${worlds}}` };
  counters = createCounters(world.redis, world.prefix);
  keys = createRedisKeys(world.prefix);
  await counters.initPointer('g1');
});
afterAll(() => base.close());

const ID = 'alephbet:button@0';
const first: Move = {
  pointer: 'g1',
  generation: 'g1',
  shard: 's/1',
  expected: undefined,
  next: sequenceOf(1),
  ancestors: [],
  watermarks: new Map(),
  respectHold: true,
};

/** Where the record of the visitor `ann` lies. */
const ANN = () => {
  const { digest } = visitorOf({ namespace: 'alephbet', unit: 'ann' });
  return { digest, bucket: keys.visitors('g1', 'alephbet', bucketOf(digest, bucketBits('g1'))) };
};

async function countVisitors(): Promise<number> {
  const buckets = await world.redis.keys(keys.visitors('g1', 'alephbet', 0).replace(/0$/, '*'));
  const lengths = await Promise.all(buckets.map((bucket) => world.redis.hlen(bucket)));
  return lengths.reduce((sum, length) => sum + length, 0);
}

function apply(changes: Partial<Move> = {}, events: TrackedEvent[] = [anEvent({ unit: 'ann' })]) {
  const countable = events.map((event) => ({
    event,
    incarnation: 0,
    claim: { id: new Uint8Array(), owner: '', at: NOON },
  }));
  return createCountEvents({ counters, deletions: nothingDeleted })({ ...first, ...changes }, countable);
}

describe('applying a batch', () => {
  test('adds its sums and moves the watermark', async () => {
    expect(await apply()).toBe('applied');
    expect(await counters.readWatermarks('g1', ['s/1', 's/2'])).toEqual(new Map([['s/1', sequenceOf(1)]]));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
    expect(await world.redis.smembers(keys.experiments('g1'))).toEqual([ID]);
  });

  test('with nothing in it moves the watermark alone', async () => {
    expect(await apply({}, [])).toBe('applied');
    expect(Object.keys(await snapshot(world)).sort()).toEqual([keys.watermarks('g1'), keys.pointer].sort());
  });

  test('works with more fields than the stack of Lua holds', async () => {
    const events = Array.from({ length: 9_000 }, (_, index) =>
      anEvent({ variant: `v${index % 4_500}`, event: 'clicked', unit: `u${index}` }),
    );
    const exposures = events.map((event) => anEvent({ variant: event.variant, unit: event.unit ?? '' }));
    expect(await apply({}, [...exposures, ...events])).toBe('applied');
    const { counts, moments } = await readCounters(world);
    expect(Object.keys(counts)).toHaveLength(9_000);
    expect(counts['v7:clicked']).toBe(2);
    expect(moments['v7:clicked']).toEqual([2, 2, 2, 0, 0]);
    expect(await world.redis.pfcount(keys.uniques('g1', ID, 'v7:clicked'))).toBe(2);
    expect(await countVisitors()).toBe(9_000);
  });

  test('works with more experiments than the stack of Lua holds', async () => {
    expect(
      await apply(
        {},
        Array.from({ length: 2_500 }, (_, index) => anEvent({ experiment: `e${index}` })),
      ),
    ).toBe('applied');
    expect(await world.redis.scard(keys.experiments('g1'))).toBe(2_500);
  });

  test('counts exactly up to the largest whole number that doubles hold', async () => {
    await apply();
    await world.redis.hset(keys.counts('g1', ID), 'red:participate', '9007199254740990');
    expect(await apply({ expected: sequenceOf(1), next: sequenceOf(2) })).toBe('applied');
    expect(await world.redis.hget(keys.counts('g1', ID), 'red:participate')).toBe('9007199254740991');
  });
});

describe('an apply that is refused changes nothing at all in Redis', () => {
  test.each<[string, Partial<Move>]>([
    ['the watermark is not there any more', { expected: sequenceOf(0), next: sequenceOf(1) }],
    ['the watermark has moved', { expected: undefined, shard: 's/moved' }],
    ['the watermark was rolled back', { expected: sequenceOf(7), shard: 's/moved' }],
    [
      "an ancestor's watermark has moved",
      { ancestors: ['s/moved'], watermarks: new Map([['s/moved', sequenceOf(4)]]) },
    ],
    ["an ancestor's watermark has appeared", { ancestors: ['s/moved'] }],
    ["an ancestor's watermark has gone", { ancestors: ['s/gone'], watermarks: new Map([['s/gone', sequenceOf(4)]]) }],
  ])('conflict: %s', async (_title, changes) => {
    await apply({ shard: 's/moved', next: sequenceOf(5) });
    const before = await snapshot(world);
    expect(await apply(changes)).toBe('conflict');
    expect(await snapshot(world)).toEqual(before);
  });

  test('stale generation: the pointer has moved, or is not there', async () => {
    await world.redis.set(keys.pointer, 'g2');
    const before = await snapshot(world);
    expect(await apply()).toBe('stale generation');
    expect(await snapshot(world)).toEqual(before);
    await world.redis.del(keys.pointer);
    expect(await apply()).toBe('stale generation');
  });

  test('held: a replay is about to switch; it may itself go on', async () => {
    await world.redis.set(keys.hold, 'replay', 'EX', 60);
    const before = await world.redis.keys(`${world.prefix}*`);
    expect(await apply()).toBe('held');
    expect(await world.redis.keys(`${world.prefix}*`)).toEqual(before);
    expect(await apply({ respectHold: false })).toBe('applied');
  });

  const foreign: [string, () => Promise<unknown>][] = [
    ['the counts are no hash', () => world.redis.set(keys.counts('g1', ID), '1')],
    ['the days are no hash', () => world.redis.set(keys.days('g1', ID), '1')],
    ['the units are no hash', () => world.redis.set(ANN().bucket, '1')],
    ['the moments are no hash', () => world.redis.set(keys.moments('g1', ID), '1')],
    ['the uniques are a list', () => world.redis.rpush(keys.uniques('g1', ID, 'red:participate'), 'x')],
    ['the uniques are text', () => world.redis.set(keys.uniques('g1', ID, 'red:participate'), 'text')],
    ['the uniques of a later goal are text', () => world.redis.set(keys.uniques('g1', ID, 'red:clicked'), 'text')],
    ['the experiments are no set', () => world.redis.set(keys.experiments('g1'), '1')],
    ['the watermarks are no hash', () => world.redis.set(keys.watermarks('g1'), '1')],
    ['a count is no number', () => world.redis.hset(keys.counts('g1', ID), 'red:clicked', 'many')],
    ['a count is not whole', () => world.redis.hset(keys.counts('g1', ID), 'red:clicked', '1.5')],
    ['a count is negative', () => world.redis.hset(keys.counts('g1', ID), 'red:clicked', '-1')],
    [
      'a count is as large as counts get',
      () => world.redis.hset(keys.counts('g1', ID), 'red:clicked', '9007199254740991'),
    ],
    ['a day is no number', () => world.redis.hset(keys.days('g1', ID), '2026-11-20:red:clicked', '')],
    ['a unit is not what Mem writes', () => world.redis.hset(ANN().bucket, ANN().digest, 'x')],
    [
      'a unit is half of what Mem writes',
      () => world.redis.hset(ANN().bucket, ANN().digest, Buffer.from([1, 2, 3, 4, 5, 6, 0x92, 0xc4])),
    ],
    ['moments are words', () => world.redis.hset(keys.moments('g1', ID), 'red:clicked', 'a b c d e')],
    ['moments are too few', () => world.redis.hset(keys.moments('g1', ID), 'red:clicked', '1 2')],
  ];
  test.each(foreign)('an error: %s', async (_title, spoil) => {
    await world.redis.hset(keys.watermarks('g1'), 's/other', sequenceOf(1)); // else keys beside it are an orphan's
    await spoil();
    const before = await snapshot(world);
    const events = [
      anEvent({ unit: 'ann' }),
      anEvent({ unit: 'ann', event: 'clicked' }),
      anEvent({ experiment: 'other' }),
    ];
    await expect(apply({}, events)).rejects.toThrow(/BADSTATE|WRONGTYPE|expected MessagePack/);
    expect(await snapshot(world)).toEqual(before);
  });
});

describe('per-unit state is folded in stream order', () => {
  const ann = { unit: 'ann' };
  const goal = (value: number, changes = {}) => anEvent({ ...ann, event: 'bought', value, ...changes });

  test.each<[string, TrackedEvent[], Record<string, number[]>]>([
    [
      'goals before the exposure count for nothing',
      [goal(5), anEvent(ann), goal(7)],
      { 'red:': [1, 0], 'red:bought': [1, 1, 1, 7, 49] },
    ],
    [
      'goals add up for each unit, then are squared',
      [anEvent(ann), goal(2), goal(3), anEvent({ unit: 'bob' }), goal(1, { unit: 'bob' })],
      { 'red:': [2, 0], 'red:bought': [2, 3, 5, 6, 26] },
    ],
    [
      'a second exposure changes nothing',
      [anEvent(ann), anEvent({ ...ann, segments: { a: 'b' } })],
      { 'red:': [1, 0] },
    ],
    [
      'the first exposure fixes the segments',
      [anEvent({ ...ann, segments: { a: 'b' } }), goal(2, { segments: { a: 'c' } })],
      { 'red:': [1, 0], 'red::a%3Db': [1, 0], 'red:bought': [1, 1, 1, 2, 4], 'red:bought:a%3Db': [1, 1, 1, 2, 4] },
    ],
    [
      'a unit that crosses over is told once, and counts for its first variant',
      [anEvent(ann), anEvent({ ...ann, variant: 'blue' }), goal(2, { variant: 'blue' }), goal(3)],
      { 'red:': [1, 1], 'red:bought': [1, 1, 1, 3, 9] },
    ],
    [
      'negative values are values',
      [anEvent(ann), goal(-2), goal(5)],
      { 'red:': [1, 0], 'red:bought': [1, 2, 4, 3, 9] },
    ],
    [
      'a goal called participate is an exposure, one called like a number is a goal',
      [anEvent(ann), anEvent({ ...ann, event: '1' })],
      { 'red:': [1, 0], 'red:1': [1, 1, 1, 0, 0] },
    ],
  ])('%s', async (_title, events, moments) => {
    await apply({}, events);
    expect((await readCounters(world)).moments).toEqual(moments);
  });

  test('it does not matter how the stream was cut into batches', async () => {
    const events = [
      anEvent(ann),
      goal(2),
      anEvent({ ...ann, variant: 'blue' }),
      goal(3),
      goal(4, { event: 'clicked' }),
    ];
    for (const [index, event] of events.entries()) {
      const expected = index === 0 ? undefined : sequenceOf(index);
      expect(await apply({ expected, next: sequenceOf(index + 1) }, [event])).toBe('applied');
    }
    expect((await readCounters(world)).moments).toEqual({
      'red:': [1, 1],
      'red:bought': [1, 2, 4, 5, 25],
      'red:clicked': [1, 1, 1, 4, 16],
    });
  });
});
