import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { consume, type ConsumerDeps } from '../../../../shared/counting/consume.ts';
import { GRACE_MS } from '../../../../shared/counting/visitors/fold.ts';
import { MAX_WAITING } from '../../../../shared/counting/visitors/visitor-record.ts';
import type { StreamEvent, TrackedEvent } from '../../../../shared/contract/event.ts';
import { experimentId } from '../../../../shared/contract/experiment-id.ts';
import { createCounterReader } from '../../../../shared/stores/redis/counter-reader.ts';
import { findKeys } from '../../../../shared/stores/redis/find-keys.ts';
import { createRedisKeys } from '../../../../shared/stores/redis/keys.ts';
import { plenty, realDeps, SHARD } from '../../../support/counting/consumer.ts';
import { anEvent, aRecord, aVisitorGoal, NOON } from '../../../support/counting/events.ts';
import { createWorld, type World } from '../../../support/counting/world.ts';

let world: World;
let deps: ConsumerDeps;
let sent = 0;

beforeEach(async () => {
  world = await createWorld();
  deps = realDeps(world);
  sent = 0;
});
afterEach(() => world.close());

async function count(events: readonly StreamEvent[], at = NOON): Promise<void> {
  expect(await consume(SHARD, [aRecord((sent += 1), events, at)], deps, plenty)).toBeUndefined();
}

async function read(experiment: string) {
  const keys = createRedisKeys(world.prefix);
  const id = experimentId({ namespace: 'alephbet', experiment, incarnation: 0 });
  const [counts, moments] = await Promise.all([
    world.redis.hgetall(keys.counts('g1', id)),
    world.redis.hgetall(keys.moments('g1', id)),
  ]);
  return { counts, moments };
}

const exposure = (changes: Partial<TrackedEvent> = {}) => anEvent({ experiment: 'one', unit: 'ann', ...changes });
const goal = (changes: Partial<TrackedEvent> = {}) => exposure({ event: 'bought', value: 5, ...changes });

async function visitorKeys(): Promise<string[]> {
  const keys = await findKeys(world.redis, `${world.prefix}:2:g1:`);
  return [...keys].filter((key) => /:(visitors|large|waiting):/.test(key));
}

describe('a goal that comes before its exposure', () => {
  test.each([
    ['within the grace', GRACE_MS, { 'red:': '1 0', 'red:bought': '1 1 1 5 25' }],
    ['after the grace', GRACE_MS + 1, { 'red:': '1 0' }],
  ])('which is received %s, counts for its visitor or does not', async (_when, later, moments) => {
    await count([goal()]);
    await count([exposure()], NOON + later);
    expect(await read('one')).toEqual({ counts: { 'red:participate': '1', 'red:bought': '1' }, moments });
  });

  test('counts with those that come after it, once, whatever is exposed again', async () => {
    await count([goal({ value: 2 }), exposure(), goal({ value: 3 }), exposure()]);
    await count([exposure(), exposure({ experiment: 'two' })]);
    expect((await read('one')).moments).toEqual({ 'red:': '1 0', 'red:bought': '1 2 4 5 25' });
    expect((await read('two')).moments).toEqual({ 'red:': '1 0' });
  });

  test('in another variant is a crossover', async () => {
    await count([goal({ variant: 'blue' })]);
    await count([exposure()]);
    expect((await read('one')).moments).toEqual({ 'red:': '1 1' });
  });

  test('and names no experiment, counts in each that is seen within the grace, and keeps its segments', async () => {
    await count([exposure({ experiment: 'zero' })]);
    await count([aVisitorGoal({ value: 5, segments: { platform: 'ios' } })]);
    await count([exposure()], NOON + 1_000);
    await count([exposure({ experiment: 'two', variant: 'blue' })], NOON + GRACE_MS);
    await count([exposure({ experiment: 'three' })], NOON + GRACE_MS + 1);
    expect((await read('zero')).moments).toEqual({ 'red:': '1 0', 'red:bought': '1 1 1 5 25' });
    expect(await read('one')).toEqual({
      counts: { 'red:participate': '1', 'red:bought': '1' },
      moments: { 'red:': '1 0', 'red:bought': '1 1 1 5 25' },
    });
    expect((await read('two')).counts).toEqual({ 'blue:participate': '1', 'blue:bought': '1' });
    expect((await read('three')).counts).toEqual({ 'red:participate': '1' });
    const keys = createRedisKeys(world.prefix);
    const id = experimentId({ namespace: 'alephbet', experiment: 'one', incarnation: 0 });
    expect(await world.redis.hgetall(keys.segments('g1', id))).toEqual({ 'red:bought:platform%3Dios': '1' });
  });

  test('is one of so many that wait: the oldest leave', async () => {
    await count(Array.from({ length: MAX_WAITING + 3 }, (_, value) => goal({ value })));
    await count([exposure()]);
    const values = Array.from({ length: MAX_WAITING }, (_, index) => index + 3);
    const sum = values.reduce((total, value) => total + value, 0);
    expect((await read('one')).moments['red:bought']).toBe(`1 ${MAX_WAITING} ${MAX_WAITING ** 2} ${sum} ${sum ** 2}`);
  });

  test('takes no memory when it has waited long enough', async () => {
    await count([goal(), aVisitorGoal({ unit: 'bob' }), goal({ unit: 'eve', segments: { long: 'x'.repeat(60) } })]);
    expect(await visitorKeys()).not.toEqual([]);
    const hours = 3 * 3_600_000;
    await count([anEvent({ experiment: 'other' })], NOON + hours);
    expect(await visitorKeys()).toEqual([]);
  });

  test('leaves what its visitor has been exposed in, when it has waited long enough', async () => {
    await count([exposure(), aVisitorGoal({ value: 5 })]);
    await count([anEvent({ experiment: 'other' })], NOON + 3 * 3_600_000);
    await count([goal()], NOON + 3 * 3_600_000);
    expect((await read('one')).moments).toEqual({ 'red:': '1 0', 'red:bought': '1 2 4 10 100' });
    expect((await visitorKeys()).filter((key) => key.includes(':waiting:'))).toEqual([]);
  });

  test('is forgotten with its visitor', async () => {
    await count([goal()]);
    const reader = createCounterReader(world.redis, world.prefix);
    await reader.forgetUnit('g1', [{ namespace: 'alephbet', experiment: 'one', incarnation: 0 }], 'ann');
    await count([exposure()]);
    expect((await read('one')).moments).toEqual({ 'red:': '1 0' });
  });
});
