import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { NO_UPDATE, type ExperimentSums, type SliceUpdate } from '../../../shared/counting/counters.ts';
import { randomUUID } from 'node:crypto';
import { createRedisBox, type RedisBox } from '../../chaos/world/redis-box.ts';
import { connectTestRedis } from '../../chaos/world/test-redis.ts';

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

let box: RedisBox;
beforeEach(async () => {
  box = createRedisBox(redis, `{generations-${randomUUID()}}`);
  await box.counters.initPointer('g1');
});

const nine = `4967${'9'.repeat(51)}`; // 55 digits
const ten = `4967${'0'.repeat(52)}`; // 56 digits: larger, though it comes first as text

function sumsOf(total: number): ExperimentSums {
  return {
    ...{ total, counts: new Map([['red:buy', total]]), segments: new Map(), days: new Map(), uniques: new Map() },
    ...{ received: { first: 1, last: 2 }, moments: new Map(), segmentMoments: new Map() },
  };
}

async function setWatermarks(generation: string, watermarks: Record<string, string>): Promise<void> {
  await redis.hset(box.keys.watermarks(generation), watermarks);
}

describe('switching to another generation', () => {
  test('compares sequence numbers by length and then as text: 56 digits are more than a Lua number holds', async () => {
    await setWatermarks('g1', { a: ten });
    await setWatermarks('g2', { a: nine });
    expect(await box.generationStore.switchTo('g1', 'g2')).toBe('behind');
    await setWatermarks('g2', { a: `${ten.slice(0, -1)}1` });
    expect(await box.generationStore.switchTo('g1', 'g2')).toBe('switched');
  });

  test('is refused while one shard is missing there', async () => {
    await setWatermarks('g1', { a: ten, b: ten });
    await setWatermarks('g2', { a: ten });
    expect(await box.generationStore.switchTo('g1', 'g2')).toBe('behind');
    expect(await box.counters.readPointer()).toBe('g1');
  });

  test('is refused from a generation that is not served any more, and ends the hold when it succeeds', async () => {
    await setWatermarks('g2', { a: ten });
    await setWatermarks('g3', { a: ten });
    await box.generationStore.hold(30);
    expect(await box.generationStore.switchTo('g1', 'g2')).toBe('switched');
    expect(await redis.exists(box.keys.hold)).toBe(0);
    expect(await box.generationStore.switchTo('g1', 'g3')).toBe('stale generation');
    expect(await box.counters.readPointer()).toBe('g2');
  });
});

describe('a generation that is removed', () => {
  test('is neither listed nor counted into nor served ever again', async () => {
    await setWatermarks('g1', { a: nine });
    await setWatermarks('g2', { a: ten });
    await box.generationStore.remove('g2');
    expect(await box.generationStore.list()).toEqual(['g1']);

    const move = {
      pointer: 'g1',
      generation: 'g2',
      shard: 'a',
      ancestors: [],
      watermarks: new Map(),
      respectHold: false,
    };
    await expect(box.counters.apply({ ...move, expected: undefined, next: ten }, NO_UPDATE)).rejects.toThrow(
      'WRONGTYPE',
    );
    await expect(box.generationStore.switchTo('g1', 'g2')).rejects.toThrow('WRONGTYPE');
    expect(await box.counters.readPointer()).toBe('g1');
  });

  test('is never the one that is served', async () => {
    await setWatermarks('g1', { a: ten });
    await expect(box.generationStore.remove('g1')).rejects.toThrow('g1 is served: it stays');
    expect(await box.generationStore.watermarks('g1')).toEqual(new Map([['a', ten]]));
  });
});

describe('a generation that has lost its watermarks', () => {
  const update: SliceUpdate = {
    ...NO_UPDATE,
    sums: new Map([['alephbet:button@0', sumsOf(3)]]),
  };
  const move = { pointer: 'g1', generation: 'g1', ancestors: [], watermarks: new Map(), respectHold: false };
  beforeEach(async () => {
    await box.counters.apply({ ...move, shard: 'a', expected: undefined, next: nine }, update);
    await redis.del(box.keys.watermarks('g1'));
  });

  test('is not counted into from nothing, as long as any key beside them is there', async () => {
    for (const key of [box.keys.experiments('g1'), box.keys.totals('g1'), box.keys.activity('g1')]) {
      expect(await box.counters.isOrphaned('g1')).toBe(true);
      expect(await box.counters.apply({ ...move, shard: 'b', expected: undefined, next: ten }, update)).toBe(
        'conflict',
      );
      await redis.del(key);
    }
    expect(await box.counters.isOrphaned('g1')).toBe(false);
  });

  test('is replaced by another one, and only where it is served', async () => {
    await box.counters.replaceOrphaned('g0', 'g2');
    expect(await box.counters.readPointer()).toBe('g1');
    await box.counters.replaceOrphaned('g1', 'g3');
    expect(await box.counters.readPointer()).toBe('g3');
    await box.counters.replaceOrphaned('g3', 'g4'); // nothing is in it
    expect(await box.counters.readPointer()).toBe('g3');
  });

  test('is whole again where somebody else has counted meanwhile', async () => {
    await setWatermarks('g1', { a: nine });
    await box.counters.replaceOrphaned('g1', 'g2');
    expect(await box.counters.readPointer()).toBe('g1');
  });

  test('cannot change places with another one: nothing tells how far that one has to be', async () => {
    await setWatermarks('g2', { a: nine });
    expect(await box.generationStore.switchTo('g1', 'g2')).toBe('stale generation');
  });

  test('is listed, and can be removed when it is not served any more', async () => {
    await box.counters.replaceOrphaned('g1', 'g2');
    expect(await box.generationStore.list()).toEqual(['g1']);
    await box.generationStore.remove('g1');
    expect(await box.generationStore.list()).toEqual([]);
  });
});

describe('a hold', () => {
  test('ends by itself after so many seconds, where nobody is left to release it', async () => {
    await box.generationStore.hold(30);
    const left = await redis.pttl(box.keys.hold);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(30_000);
  });
});
