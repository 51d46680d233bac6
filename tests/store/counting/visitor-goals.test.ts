import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { consume, type ConsumerDeps } from '../../../shared/counting/consume.ts';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import type { StreamEvent, TrackedEvent } from '../../../shared/contract/event.ts';
import { experimentId } from '../../../shared/contract/experiment-id.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { plenty, realDeps, SHARD } from '../../support/counting/consumer.ts';
import { anEvent, aRecord, aVisitorGoal, DAY_MS, NOON } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

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

/** Everything that Redis holds of an experiment, but HyperLogLogs. */
async function read(experiment: string, incarnation = 0) {
  const keys = createRedisKeys(world.prefix);
  const id = experimentId({ namespace: 'alephbet', experiment, incarnation });
  const kinds = [keys.counts, keys.segments, keys.days, keys.moments, keys.segmentMoments];
  return Promise.all(kinds.map((keyOf) => world.redis.hgetall(keyOf('g1', id))));
}

const exposure = (experiment: string, changes: Partial<TrackedEvent> = {}) =>
  anEvent({ experiment, unit: 'ann', ...changes });

describe('a goal without experiment', () => {
  test('counts as if it had been sent for each experiment that its visitor has been exposed in', async () => {
    const bought = { event: 'bought', value: 12.5, segments: { platform: 'ios' } };
    for (const unit of ['ann', 'bob']) {
      await count([
        exposure('one', { unit, segments: { visitor: 'new' } }),
        exposure('two', { unit, variant: 'blue' }),
        exposure('two', { unit, variant: 'red' }),
        exposure('three', { unit: 'eve' }),
      ]);
    }
    await count([aVisitorGoal(bought), aVisitorGoal(bought)]);
    const together = await Promise.all([read('one'), read('two'), read('three')]);

    await world.close();
    world = await createWorld();
    deps = realDeps(world);
    for (const unit of ['ann', 'bob']) {
      await count([
        exposure('one', { unit, segments: { visitor: 'new' } }),
        exposure('two', { unit, variant: 'blue' }),
        exposure('two', { unit, variant: 'red' }),
        exposure('three', { unit: 'eve' }),
      ]);
    }
    await count([1, 2].flatMap(() => [exposure('one', bought), exposure('two', { ...bought, variant: 'blue' })]));
    expect(together).toEqual(await Promise.all([read('one'), read('two'), read('three')]));
  });

  test('sent again counts once, also where another experiment was seen in between', async () => {
    const goal = aVisitorGoal();
    await count([exposure('one'), goal]);
    await count([exposure('two'), goal]);
    expect((await read('one'))[0]).toEqual({ 'red:participate': '1', 'red:bought': '1' });
    expect((await read('two'))[0]).toEqual({ 'red:participate': '1' });
  });

  test('counts for thirty days after the exposure', async () => {
    await count([exposure('one')]);
    await count([aVisitorGoal(), exposure('two')], NOON + 30 * DAY_MS);
    await count([aVisitorGoal()], NOON + 30 * DAY_MS + 1);
    expect((await read('one'))[0]).toMatchObject({ 'red:bought': '1' });
    expect((await read('two'))[0]).toMatchObject({ 'red:bought': '1' });
  });

  test('counts in no experiment that has been deleted, and in the next incarnation from its exposure on', async () => {
    await count([exposure('one'), exposure('two')]);
    const since = NOON + 1_000;
    const deletions = { read: () => Promise.resolve(new Map([['alephbet:one', { number: 1, since }]])) };
    const { counters } = deps;
    deps = { ...deps, deletions, countEvents: createCountEvents({ counters, deletions }) };
    await count([aVisitorGoal()], since);
    await count([exposure('one'), aVisitorGoal()], since + 1);
    expect((await read('one'))[0]).toEqual({ 'red:participate': '1' });
    expect((await read('one', 1))[0]).toEqual({ 'red:participate': '1', 'red:bought': '1' });
    expect((await read('two'))[0]).toMatchObject({ 'red:bought': '2' });
  });

  test('of somebody who was never exposed counts nowhere, is claimed, and is told of', async () => {
    const unreached: number[] = [];
    const { counters, deletions } = deps;
    const onUnreached = (goals: number) => unreached.push(goals);
    deps = { ...deps, countEvents: createCountEvents({ counters, deletions, onUnreached }) };
    const goal = aVisitorGoal();
    await count([goal]);
    await count([exposure('one'), goal]);
    expect(unreached).toEqual([1]);
    expect((await read('one'))[0]).toEqual({ 'red:participate': '1' });
  });

  test('waits for a Redis that has lost names, and says what to do', async () => {
    await count([exposure('one')]);
    await world.redis.del(createRedisKeys(world.prefix).codes('g1', 'alephbet'));
    const failures: unknown[] = [];
    deps = realDeps(world, { observe: (event) => failures.push(event) });
    expect(await consume(SHARD, [aRecord(9, [aVisitorGoal()])], deps, plenty)).toBeDefined();
    expect(failures).toMatchObject([{ kind: 'failed', error: { message: expect.stringContaining('mem replay') } }]);
  });

  test('of many visitors of many experiments is counted, in as many calls as it takes', async () => {
    const visitors = Array.from({ length: 12 }, (_, visitor) => `visitor ${visitor}`);
    for (const unit of visitors) {
      await count(Array.from({ length: 60 }, (_, index) => exposure(`${unit} ${index}`, { unit })));
    }
    const records = visitors.map((unit) => aRecord((sent += 1), [aVisitorGoal({ unit })]));
    expect(await consume(SHARD, records, deps, plenty)).toBeUndefined();
    expect((await read('visitor 0 0'))[0]).toMatchObject({ 'red:bought': '1' });
    expect((await read('visitor 11 59'))[0]).toMatchObject({ 'red:bought': '1' });
  });
});
