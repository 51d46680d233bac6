import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { consume, type ConsumerDeps, type ConsumerEvent } from '../../../shared/counting/consume.ts';
import type { ApplyResult } from '../../../shared/counting/counters.ts';
import { createDeletions } from '../../../shared/stores/dynamodb/deletions.ts';
import { experimentName } from '../../../shared/contract/experiment-id.ts';
import { createRedisKeys, type RedisKeys } from '../../../shared/stores/redis/keys.ts';
import {
  observer,
  plenty,
  readCounters,
  readCounts,
  realDeps,
  SHARD,
  snapshot,
  withCounters,
} from '../../support/counting/consumer.ts';
import { admitAll } from '../../support/counting/memory-names.ts';
import { anEvent, aRecord, bytesOf, NOON, sequenceOf } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let deps: ConsumerDeps;
let keys: RedisKeys;

beforeEach(async () => {
  world = await createWorld();
  deps = realDeps(world);
  keys = createRedisKeys(world.prefix);
});
afterEach(() => world.close());

const count = (n: number, changes: Partial<ConsumerDeps> = {}) =>
  consume(SHARD, [aRecord(n, [anEvent()])], { ...deps, ...changes }, plenty);

describe('the pointer to the served generation', () => {
  test('is set in an empty Redis to a number that none has had', async () => {
    await count(1);
    expect(await world.redis.get(keys.pointer)).toBe('g1');
    expect(await deps.generations.next()).toBe('g2');
  });

  test('is set once where two begin together', async () => {
    await Promise.all([count(1), consume('shardId-000000000001', [aRecord(2, [anEvent()])], deps, plenty)]);
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
  });

  test('stays as it is where there is one: a shard that is new counts into the served generation', async () => {
    await world.redis.set(keys.pointer, 'g41');
    await count(1);
    expect(await world.redis.get(keys.pointer)).toBe('g41');
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('moves between reading and applying: the batch is counted into the new generation', async () => {
    await world.redis.set(keys.pointer, 'g1');
    const seen = observer();
    const once = interrupt(() => world.redis.set(keys.pointer, 'g2'));
    expect(await count(1, { ...withCounters(once), observe: seen.observe })).toBeUndefined();
    expect(results(seen.events)).toEqual(['stale generation', 'applied']);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
    expect(await world.redis.exists(keys.counts('g1', 'alephbet:button@0'))).toBe(0);
  });

  test('a hold is set: the batch is delivered again, and counts once it has gone', async () => {
    await world.redis.set(keys.hold, 'replay', 'EX', 60);
    expect(await count(1)).toBe(sequenceOf(1));
    await world.redis.del(keys.hold);
    expect(await count(1)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });
});

describe('a zombie', () => {
  test('that writes late is refused: the compare-and-set sees that the watermark has moved', async () => {
    const event = anEvent();
    const seen = observer();
    const late = interrupt(() => consume(SHARD, [aRecord(1, [event])], deps, plenty));
    await consume(SHARD, [aRecord(1, [event])], { ...deps, ...withCounters(late), observe: seen.observe }, plenty);
    expect(results(seen.events)).toEqual(['conflict']);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('whose batch ends earlier cannot move the watermark back', async () => {
    const [one, two] = [anEvent(), anEvent()];
    const late = interrupt(() => consume(SHARD, [aRecord(1, [one]), aRecord(2, [two])], deps, plenty));
    expect(await consume(SHARD, [aRecord(1, [one])], { ...deps, ...withCounters(late) }, plenty)).toBeUndefined();
    expect(await deps.counters.readWatermarks('g1', [`${world.stream}/${SHARD}`])).toEqual(
      new Map([[`${world.stream}/${SHARD}`, sequenceOf(2)]]),
    );
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
  });

  test('that is there at every try makes the batch fail, with its first record', async () => {
    const apply = () => Promise.resolve<ApplyResult>('conflict');
    expect(await count(1, { ...withCounters({ ...deps.counters, apply }) })).toBe(sequenceOf(1));
  });
});

describe('a Redis that has lost writes', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['wiped', async () => world.redis.del(await world.redis.keys(`${world.prefix}*`))],
    [
      'restored from an older copy',
      () => world.redis.hset(keys.watermarks('g1'), `${world.stream}/${SHARD}`, sequenceOf(1)),
    ],
  ])('because it was %s is behind its checkpoint: nothing is counted before it has caught up', async (_title, lose) => {
    await count(1);
    await count(2);
    await lose();
    const seen = observer();
    expect(await count(3, { observe: seen.observe })).toBe(sequenceOf(3));
    expect(seen.events).toMatchObject([
      { kind: 'behind', shards: [{ shard: `${world.stream}/${SHARD}`, checkpoint: { sequence: sequenceOf(2) } }] },
    ]);
  });

  test('and has caught up goes on with the batch', async () => {
    await count(2);
    await world.redis.hset(keys.watermarks('g1'), `${world.stream}/${SHARD}`, sequenceOf(1));
    const catchUp = async () => {
      await world.redis.hset(keys.watermarks('g1'), `${world.stream}/${SHARD}`, sequenceOf(2));
      return true;
    };
    expect(await count(3, { catchUp })).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
  });

  test('is noticed also where only the parent of the shard lost some', async () => {
    const lineage = { ancestorsOf: (shard: string) => Promise.resolve(shard === 'child' ? ['parent'] : []) };
    await consume('parent', [aRecord(5, [anEvent()])], deps, plenty);
    await world.redis.hset(keys.watermarks('g1'), `${world.stream}/parent`, sequenceOf(4));
    expect(await consume('child', [aRecord(9, [anEvent()])], { ...deps, lineage }, plenty)).toBe(sequenceOf(9));
  });
});

describe('a record that cannot be read', () => {
  const poison = { sequence: sequenceOf(2), data: bytesOf({ v: 1, at: NOON, events: [{ variant: 'red' }] }) };
  const batch = () => [aRecord(1, [anEvent()]), poison, aRecord(3, [anEvent()])];

  test('is kept in quarantine with the reason, and its shard goes on', async () => {
    expect(await consume(SHARD, batch(), deps, plenty)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
    const [kept, ...more] = await quarantined();
    expect(more).toEqual([]);
    expect(kept?.sk?.S).toBe(`${world.stream}/${SHARD}/${sequenceOf(2)}`);
    expect(kept?.reason?.S).toBe('events[0]: experiment: expected a value, got none');
    expect(Buffer.from(kept?.data?.B ?? []).toString()).toBe(Buffer.from(poison.data).toString());
  });

  test('is kept once, however often it is delivered', async () => {
    await consume(SHARD, batch(), deps, plenty);
    await consume(SHARD, batch(), deps, plenty);
    expect(await quarantined()).toHaveLength(1);
  });

  test('never stops its shard, even where it cannot be kept: that is told', async () => {
    const quarantine = { put: () => Promise.reject(new Error('throttled')) };
    const kinds: string[] = [];
    const observe = ({ kind }: ConsumerEvent) => void kinds.push(kind);
    expect(await consume(SHARD, batch(), { ...deps, quarantine, observe }, plenty)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
    expect(kinds).toEqual(['quarantined', 'unkept', 'applied']);
  });

  test('may be as long as Kinesis allows: its beginning is kept', async () => {
    const huge = { sequence: sequenceOf(4), data: new Uint8Array(1024 * 1024).fill(0x78) };
    expect(await consume(SHARD, [huge], deps, plenty)).toBeUndefined();
    expect((await quarantined())[0]?.bytes?.N).toBe('1048576');
  });
});

describe('deleting an experiment', () => {
  const at = NOON + 60_000;
  const deletions = () =>
    createDeletions(world.dynamodb, world.stateTable, {
      now: () => Promise.resolve(at - 2_000),
      sleep: () => Promise.resolve(),
    });

  test('leaves out what was received before it, and counts what came after it anew, the same uuid too', async () => {
    const event = anEvent();
    await consume(SHARD, [aRecord(1, [event], NOON)], deps, plenty);
    expect(await deletions().delete(experimentName('alephbet', 'button'))).toEqual({ number: 1, since: at });

    await consume(SHARD, [aRecord(2, [anEvent()], at - 1), aRecord(3, [event, anEvent()], at)], deps, plenty);
    expect((await readCounters(world, 'alephbet:button@1')).counts).toEqual({ 'red:participate': 2 });
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('touches no other experiment, not even one of the same name in another namespace', async () => {
    await deletions().delete(experimentName('alephbet', 'button'));
    await consume(
      SHARD,
      [aRecord(1, [anEvent({ namespace: 'other' }), anEvent({ experiment: 'button:1' })], NOON)],
      deps,
      plenty,
    );
    expect((await readCounters(world, 'other:button@0')).counts).toEqual({ 'red:participate': 1 });
    expect((await readCounters(world, 'alephbet:button%3A1@0')).counts).toEqual({ 'red:participate': 1 });
  });

  test('works for the longest names that an event may have', async () => {
    const longest = { namespace: '😀'.repeat(256), experiment: 'א'.repeat(256) };
    await consume(SHARD, [aRecord(1, [anEvent(longest)])], deps, plenty);
    await deletions().delete(experimentName(longest.namespace, longest.experiment));
    expect(await consume(SHARD, [aRecord(2, [anEvent(longest)], at)], deps, plenty)).toBeUndefined();
    const id = experimentName(longest.namespace, longest.experiment);
    expect((await readCounters(world, `${id}@0`)).counts).toEqual({ 'red:participate': 1 });
    expect((await readCounters(world, `${id}@1`)).counts).toEqual({ 'red:participate': 1 });
  });

  test('is read for each batch anew, after it has arrived', async () => {
    await consume(SHARD, [aRecord(1, [anEvent()], NOON)], deps, plenty);
    await deletions().delete(experimentName('alephbet', 'button'));
    await consume(SHARD, [aRecord(2, [anEvent()], NOON)], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });
});

describe('a batch of more keys than one command takes', () => {
  const records = (count: number) =>
    Array.from({ length: count }, (_, index) => aRecord(index, [anEvent({ experiment: `e${index}` })]));

  test('is applied in several calls, each with fewer than 3,999 arguments', async () => {
    const seen = observer();
    const unclaimed = {
      claim: (requests: readonly unknown[]) => Promise.resolve(requests.map(() => 'owned' as const)),
    };
    expect(
      await consume(
        SHARD,
        records(1_500),
        { ...deps, admit: admitAll, claims: unclaimed, observe: seen.observe },
        plenty,
      ),
    ).toBeUndefined();
    expect(seen.events.map((event) => event.kind === 'applied' && event.records)).toEqual([500, 500, 500]);
    expect(await world.redis.scard(keys.experiments('g1'))).toBe(1_500);
  });

  test('and whose second call fails is delivered again from its first record, and counts once', async () => {
    let calls = 0;
    const apply: typeof deps.counters.apply = async (move, sums) => {
      calls += 1;
      if (calls === 2) throw new Error('reset');
      return deps.counters.apply(move, sums);
    };
    const batch = Array.from({ length: 3 }, (_, index) =>
      aRecord(
        index,
        Array.from({ length: 500 }, () => anEvent()),
      ),
    );
    const owned = { claim: (requests: readonly unknown[]) => Promise.resolve(requests.map(() => 'owned' as const)) };
    expect(
      await consume(SHARD, batch, { ...deps, claims: owned, ...withCounters({ ...deps.counters, apply }) }, plenty),
    ).toBe(sequenceOf(0));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1_000 });
    expect(await consume(SHARD, batch, { ...deps, claims: owned }, plenty)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1_500 });
  });
});

test('a foreign key in Redis fails the batch and changes nothing; without it the batch counts', async () => {
  await count(1);
  await world.redis.set(keys.days('g1', 'alephbet:other@0'), 'foreign');
  const before = await snapshot(world);
  const batch = [aRecord(2, [anEvent(), anEvent({ experiment: 'other' })])];
  expect(await consume(SHARD, batch, deps, plenty)).toBe(sequenceOf(2));
  expect(await snapshot(world)).toEqual(before);
  await world.redis.del(keys.days('g1', 'alephbet:other@0'));
  expect(await consume(SHARD, batch, deps, plenty)).toBeUndefined();
  expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
});

/** Counters that let something happen once between reading the position and applying. */
function interrupt(happen: () => Promise<unknown>): ConsumerDeps['counters'] {
  let happened = false;
  return {
    ...deps.counters,
    async apply(move, sums) {
      if (!happened) {
        happened = true;
        await happen();
      }
      return deps.counters.apply(move, sums);
    },
  };
}

function results(events: ReturnType<typeof observer>['events']): string[] {
  return events.map((event) => (event.kind === 'refused' ? event.result : event.kind));
}

async function quarantined() {
  const { Items = [] } = await world.dynamodb.send(
    new ScanCommand({ TableName: world.stateTable, ConsistentRead: true }),
  );
  return Items.filter(({ pk }) => pk?.S?.startsWith('quarantine'));
}

describe('a record of a version that this release does not know', () => {
  const newer = (n: number, v: number) => ({
    ...aRecord(n, []),
    data: bytesOf({ v, at: NOON, events: 'in another form' }),
  });
  const batch = (v: number) => [aRecord(1, [anEvent()]), newer(2, v), aRecord(3, [anEvent()])];
  const formatsUpTo = (version: number) => ({ ...deps.formats, highest: () => Promise.resolve(version) });

  test('waits where a newer release writes it: what comes before it is counted, the rest is delivered again', async () => {
    const seen = observer();
    const changes = { formats: formatsUpTo(3), observe: seen.observe };
    const retryFrom = await consume(SHARD, batch(3), { ...deps, ...changes }, plenty);
    expect(retryFrom).toBe(sequenceOf(2));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
    expect(seen.events.map(({ kind }) => kind)).toEqual(['newer', 'applied']);

    expect(await consume(SHARD, batch(3).slice(1), { ...deps, formats: formatsUpTo(3) }, plenty)).toBe(sequenceOf(2));
  });

  test('is in quarantine where no release of this stage writes it: it must not stop its shard', async () => {
    const seen = observer();
    const changes = { formats: formatsUpTo(3), observe: seen.observe };
    expect(await consume(SHARD, batch(4), { ...deps, ...changes }, plenty)).toBeUndefined();
    expect(seen.events.map(({ kind }) => kind)).toEqual(['quarantined', 'applied']);
  });
});
