import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { consume, type ConsumerDeps } from '../../../shared/counting/consume.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { padSequence } from '../../../shared/contract/sequence-number.ts';
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
import { anEvent, aRecord, DAY_MS, NOON, sequenceOf } from '../../support/counting/events.ts';
import { injectFaults } from '../../support/aws/faults.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let deps: ConsumerDeps;

beforeEach(async () => {
  world = await createWorld();
  deps = realDeps(world);
});
afterEach(() => world.close());

const clicked = (changes = {}) => anEvent({ event: 'clicked', ...changes });

describe('a batch', () => {
  test('of distinct events counts each of them, by variant, segment and day, and answers that all is done', async () => {
    const events = [
      anEvent({ unit: 'ann', segments: { platform: 'ios' } }),
      clicked({ unit: 'ann', value: 2 }),
      anEvent({ variant: 'blue:1', unit: 'bob' }),
    ];
    expect(
      await consume(SHARD, [aRecord(1, events), aRecord(2, [anEvent()], NOON + DAY_MS)], deps, plenty),
    ).toBeUndefined();
    expect(await readCounters(world)).toEqual({
      counts: {
        'red:participate': 2,
        'red:participate:platform%3Dios': 1,
        'red:clicked': 1,
        'blue%3A1:participate': 1,
      },
      days: {
        '2026-11-20:red:participate': 1,
        '2026-11-20:red:clicked': 1,
        '2026-11-20:blue%3A1:participate': 1,
        '2026-11-21:red:participate': 1,
      },
      moments: {
        'red:': [1, 0],
        'red::platform%3Dios': [1, 0],
        'red:clicked': [1, 1, 1, 2, 4],
        'red:clicked:platform%3Dios': [1, 1, 1, 2, 4],
        'blue%3A1:': [1, 0],
      },
    });
  });

  test('that is empty is done', async () => {
    expect(await consume(SHARD, [], deps, plenty)).toBeUndefined();
  });

  test('delivered twice counts once', async () => {
    const batch = [aRecord(1, [anEvent()]), aRecord(2, [anEvent(), clicked()])];
    await consume(SHARD, batch, deps, plenty);
    const before = await snapshot(world);
    expect(await consume(SHARD, batch, deps, plenty)).toBeUndefined();
    expect(await snapshot(world)).toEqual(before);
  });

  test('that begins below the watermark counts only what lies above it', async () => {
    const records = [1, 2, 3, 4].map((n) => aRecord(n, [anEvent()]));
    await consume(SHARD, records.slice(0, 2), deps, plenty);
    await consume(SHARD, records.slice(1), deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 4 });
  });

  test('is checkpointed before it is done', async () => {
    await consume(SHARD, [aRecord(1, [anEvent()]), aRecord(2, [anEvent()])], deps, plenty);
    expect(await checkpoint()).toBe(padSequence(sequenceOf(2)));
  });

  test('for which too little time is left is delivered again, with nothing changed', async () => {
    expect(await consume(SHARD, [aRecord(1, [anEvent()])], deps, () => 9_000)).toBe(sequenceOf(1));
    expect(await readCounts(world)).toEqual({});
  });
});

describe('the traps of exactly-once counting', () => {
  test('sequence numbers have 56 digits: neighbours that are one double are two records', async () => {
    expect(Number(sequenceOf(1))).toBe(Number(sequenceOf(2)));
    await consume(SHARD, [aRecord(1, [anEvent()])], deps, plenty);
    await consume(SHARD, [aRecord(2, [anEvent()])], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
  });

  test('sequence numbers differ in length: the longer one is later, and its checkpoint moves forwards', async () => {
    const record = (sequence: string) => ({ ...aRecord(1, [anEvent()]), sequence });
    await consume(SHARD, [record('9'.repeat(55))], deps, plenty);
    await consume(SHARD, [record(`1${'0'.repeat(55)}`)], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
    expect(await checkpoint()).toBe(padSequence(`1${'0'.repeat(55)}`));
  });

  test('the watermark moves even if every event of the batch was a duplicate', async () => {
    const event = anEvent();
    await consume(SHARD, [aRecord(1, [event])], deps, plenty);
    expect(await consume(SHARD, [aRecord(2, [event])], deps, plenty)).toBeUndefined();
    expect(await watermark()).toBe(sequenceOf(2));
    expect(await checkpoint()).toBe(padSequence(sequenceOf(2)));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('the same uuid twice in one record counts once', async () => {
    const event = anEvent();
    await consume(SHARD, [aRecord(1, [event, event])], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('the same uuid twice in one batch counts once', async () => {
    const event = anEvent();
    await consume(SHARD, [aRecord(1, [event]), aRecord(2, [event])], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('the same uuid in two shards counts once', async () => {
    const event = anEvent();
    await consume(SHARD, [aRecord(1, [event])], deps, plenty);
    await consume('shardId-000000000001', [aRecord(2, [event])], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('the uuid is the same for several goals: each goal counts', async () => {
    const visitor = { uuid: 'bd602047286a161da01f2c938461edde4e467a63' };
    await consume(
      SHARD,
      [aRecord(1, [anEvent(visitor), clicked(visitor), anEvent({ ...visitor, event: 'bought' })])],
      deps,
      plenty,
    );
    expect(await readCounts(world)).toEqual({ 'red:participate': 1, 'red:clicked': 1, 'red:bought': 1 });
  });

  test('the owner is a later copy, from an earlier run that was cut differently: it counts, and only it', async () => {
    const event = anEvent();
    // The earlier run claimed for the second record, and died before it counted.
    await consume(
      SHARD,
      [aRecord(2, [event])],
      { ...deps, ...withCounters({ ...deps.counters, apply: fail }) },
      plenty,
    );
    expect(
      await consume(SHARD, [aRecord(1, [event]), aRecord(2, [event]), aRecord(3, [event])], deps, plenty),
    ).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('a run that died between claim and count is taken up by the next: its claims are its own', async () => {
    const batch = [aRecord(1, [anEvent(), clicked()])];
    expect(await consume(SHARD, batch, { ...deps, ...withCounters({ ...deps.counters, apply: fail }) }, plenty)).toBe(
      sequenceOf(1),
    );
    expect(await consume(SHARD, batch, deps, plenty)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1, 'red:clicked': 1 });
  });

  test('the answer of the apply is lost, though it had its effect: the batch fails, and counts once', async () => {
    const apply: typeof deps.counters.apply = async (move, sums) => {
      await deps.counters.apply(move, sums);
      throw new Error('reset');
    };
    const batch = [aRecord(1, [anEvent()])];
    expect(await consume(SHARD, batch, { ...deps, ...withCounters({ ...deps.counters, apply }) }, plenty)).toBe(
      sequenceOf(1),
    );
    expect(await consume(SHARD, batch, deps, plenty)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('a claim that fails for a moment: the unbroken prefix counts, and the record after it is reported', async () => {
    const [one, two, three] = [anEvent(), anEvent(), anEvent()];
    const batch = [aRecord(1, [one]), aRecord(2, [two]), aRecord(3, [three])];
    const claim: typeof deps.claims.claim = async (requests) => {
      const outcomes = await deps.claims.claim(requests);
      return outcomes.map((outcome, index) => (requests[index]?.owner.includes(sequenceOf(2)) ? 'unsettled' : outcome));
    };
    expect(await consume(SHARD, batch, { ...deps, claims: { claim } }, plenty)).toBe(sequenceOf(2));
    expect(await watermark()).toBe(sequenceOf(1));
    expect(await checkpoint()).toBe(padSequence(sequenceOf(1)));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
    expect(await consume(SHARD, batch.slice(1), deps, plenty)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 3 });
  });

  test('nothing of a batch was applied: its first record is reported, though it was counted before', async () => {
    const batch = [aRecord(1, [anEvent()]), aRecord(2, [anEvent()])];
    await consume(SHARD, batch.slice(0, 1), deps, plenty);
    const claim = (requests: readonly unknown[]) => Promise.resolve(requests.map(() => 'unsettled' as const));
    expect(await consume(SHARD, batch, { ...deps, claims: { claim } }, plenty)).toBe(sequenceOf(1));
  });

  test('PutRecords timed out though it had worked: the second record is a duplicate', async () => {
    const events = [anEvent({ unit: 'ann' }), clicked({ unit: 'ann' })];
    await consume(SHARD, [aRecord(1, events), aRecord(2, events)], deps, plenty);
    expect(await readCounters(world)).toMatchObject({
      counts: { 'red:participate': 1, 'red:clicked': 1 },
      moments: { 'red:clicked': [1, 1, 1, 0, 0] },
    });
  });

  test('a copy received after the window counts anew, one inside it does not', async () => {
    const event = anEvent();
    const at = (days: number) => NOON + days * DAY_MS;
    await consume(SHARD, [aRecord(1, [event], at(0))], deps, plenty);
    await consume(SHARD, [aRecord(2, [event], at(30))], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
    await consume(SHARD, [aRecord(3, [event], at(30) + 1)], deps, plenty);
    expect(await readCounts(world)).toEqual({ 'red:participate': 2 });
  });

  test('a checkpoint that cannot be written fails the batch', async () => {
    const checkpoints = { ...deps.checkpoints, advance: fail };
    const seen = observer();
    const batch = [aRecord(1, [anEvent()])];
    expect(await consume(SHARD, batch, { ...deps, checkpoints, observe: seen.observe }, plenty)).toBe(sequenceOf(1));
    expect(seen.events.map(({ kind }) => kind)).toEqual(['applied', 'failed']);
    expect(await consume(SHARD, batch, deps, plenty)).toBeUndefined();
    expect(await checkpoint()).toBe(padSequence(sequenceOf(1)));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('a checkpoint never moves backwards, and keeping it is success', async () => {
    await deps.checkpoints.advance('stream/shard', sequenceOf(5), sequenceOf(5));
    await deps.checkpoints.advance('stream/shard', sequenceOf(4), sequenceOf(5));
    await deps.checkpoints.advance('stream/shard', sequenceOf(5), sequenceOf(5));
    expect((await deps.checkpoints.read(['stream/shard'])).get('stream/shard')).toEqual({
      sequence: sequenceOf(5),
      first: sequenceOf(5),
    });
  });

  test('DynamoDB throttles for longer than its client retries: nothing is lost, nothing is counted twice', async () => {
    const faults = injectFaults(world.dynamodb, 'BatchExecuteStatement', (call) =>
      call < 8 ? 'throttled' : call === 8 ? 'timeout after' : undefined,
    );
    const batch = Array.from({ length: 8 }, (_, index) => aRecord(index, [anEvent(), clicked()]));
    let rest = batch;
    while (rest.length > 0) {
      const from = await consume(SHARD, rest, deps, plenty);
      rest = from === undefined ? [] : batch.slice(batch.findIndex(({ sequence }) => sequence === from));
    }
    expect(faults.calls()).toBeGreaterThan(9);
    expect(await readCounts(world)).toEqual({ 'red:participate': 8, 'red:clicked': 8 });
  });
});

function fail(): never {
  throw new Error('given up here');
}

async function watermark(): Promise<string | undefined> {
  const keys = createRedisKeys(world.prefix);
  const generation = (await world.redis.get(keys.pointer)) ?? '';
  return (await world.redis.hget(keys.watermarks(generation), `${world.stream}/${SHARD}`)) ?? undefined;
}

async function checkpoint(): Promise<string | undefined> {
  const Key = { pk: { S: 'checkpoint' }, sk: { S: `${world.stream}/${SHARD}` } };
  const { Item } = await world.dynamodb.send(
    new GetItemCommand({ TableName: world.stateTable, Key, ConsistentRead: true }),
  );
  return Item?.sequence?.S;
}
