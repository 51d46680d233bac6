import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { NO_UPDATE } from '../../../shared/counting/counters.ts';
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

describe('a hold', () => {
  test('ends by itself after so many seconds, where nobody is left to release it', async () => {
    await box.generationStore.hold(30);
    const left = await redis.pttl(box.keys.hold);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(30_000);
  });
});
