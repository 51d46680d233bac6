import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { carryOver, type CarryDeps } from '../../../shared/counting/layout-one/carry-over.ts';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import type { CounterReader } from '../../../shared/counting/counters.ts';
import { findCountableEvents, decodeBatch, type CountableEvent } from '../../../shared/counting/decode.ts';
import type { LayoutOne } from '../../../shared/counting/layout-one/layout-one.ts';
import { shardName } from '../../../shared/counting/position.ts';
import { encodeRecords } from '../../../shared/counting/stream-record.ts';
import { createLayoutOne } from '../../../shared/stores/redis/layout-one.ts';
import { createTables } from '../../chaos/world/tables.ts';
import { createTableStores } from '../../chaos/world/table-stores.ts';
import { createMemoryStream, type MemoryStream } from '../../chaos/world/memory-stream.ts';
import { createRedisBox, type RedisBox } from '../../chaos/world/redis-box.ts';
import { createRandom, type Random } from '../../chaos/schedules/random.ts';
import { createOldConsumer } from '../../support/counting/layout-one/old-consumer.ts';
import { randomStream } from '../../support/counting/random-stream.ts';
import { NOON, nothingDeleted, ownFormats } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

const STREAM = 'events';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

interface OldSystem {
  box: RedisBox;
  stream: MemoryStream;
  prefix: string;
  deps: CarryDeps;
  said: string[];
  /** Events that arrive, in records of their own. */
  put: (count: number) => void;
  /** Version 0.1.0 counts what has arrived. */
  countOld: () => Promise<void>;
}

/** Version 0.1.0 has counted a stream. */
async function createOldSystem(random: Random): Promise<OldSystem> {
  const prefix = `{carry-${randomUUID()}}`;
  const box = createRedisBox(world.redis, prefix);
  const stream = createMemoryStream(STREAM, 2);
  const tables = createTables(() => NOON);
  const { deletions, generations } = createTableStores(tables.dynamodb.client, {
    now: () => NOON,
    storeNow: () => Promise.resolve(NOON),
    sleep: () => Promise.resolve(),
  });
  const old = createOldConsumer(world.redis, prefix, await generations.next());
  await world.redis.set(`${prefix}:generation`, 'g1');
  const said: string[] = [];
  let number = 0;
  const put = (count: number) => {
    const events = Array.from({ length: 10 }, () => randomStream(random)).flat();
    for (const event of events.slice(0, count)) {
      number += 1;
      const unit = `visitor ${random.below(40)}`;
      const bundle = { at: NOON + number, events: [{ ...event, uuid: `${number}`, unit }] };
      // A visitor's events have the visitor as their key: one shard has them all, in order.
      for (const { data } of encodeRecords(bundle, () => unit).flat()) stream.put(unit, data, bundle.at);
    }
  };
  const countOld = async () => {
    const marks = await createLayoutOne(world.redis, prefix).readWatermarks('g1');
    for (const id of stream.shards.keys()) {
      const shard = shardName(STREAM, id);
      const { events, last } = await eventsAfter(stream, id, marks.get(shard));
      if (last === undefined) continue;
      expect(['applied', 'held']).toContain(await old.apply(shard, marks.get(shard) ?? '', last, events));
    }
  };
  put(300);
  await countOld();
  const deps: CarryDeps = {
    counters: box.counters,
    layoutOne: createLayoutOne(world.redis, prefix),
    generationStore: box.generationStore,
    generations,
    deletions,
    reader: stream.reader,
    now: () => NOON,
    say: (line) => said.push(line),
  };
  return { box, stream, prefix, deps, said, put, countOld };
}

async function eventsAfter(stream: MemoryStream, id: string, after: string | undefined) {
  const records = [];
  for await (const page of stream.reader.read(id, after)) records.push(...page.records);
  const shard = shardName(STREAM, id);
  const { records: decoded } = await decodeBatch(shard, records, ownFormats, () =>
    Promise.reject(new Error('a record cannot be read')),
  );
  const countable = await findCountableEvents(shard, decoded, { read: () => Promise.resolve(new Map()) });
  const events: CountableEvent[] = countable.flatMap((record) => record.events);
  return { events, last: records.at(-1)?.sequence };
}

/** This version counts what is left in the stream, into a generation: without grace, as the version before did. */
async function countNew({ box, stream }: OldSystem, generation: string): Promise<void> {
  const pointer = (await box.counters.readPointer()) ?? '';
  const countEvents = createCountEvents({ ...box, deletions: nothingDeleted, graceMs: -Infinity });
  for (const id of stream.shards.keys()) {
    const shard = shardName(STREAM, id);
    const watermarks = await box.counters.readWatermarks(generation, [shard]);
    const { events, last } = await eventsAfter(stream, id, watermarks.get(shard));
    if (last === undefined) continue;
    const expected = watermarks.get(shard);
    const target = { pointer, generation, shard, ancestors: [], watermarks, respectHold: true, expected, next: last };
    expect(await countEvents(target, events)).toBe('applied');
  }
}

async function countersOf(reader: CounterReader, generation: string) {
  const refs = (await reader.experiments(generation)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const sorted = (list: readonly object[]) => list.map((item) => JSON.stringify(item)).sort();
  const counts = await reader.counts(generation, refs);
  const details = await Promise.all(
    refs.map(async (ref, index) => ({
      ref,
      counts: sorted(counts[index] ?? []),
      segments: sorted(await reader.segments(generation, ref)),
      days: sorted(await reader.days(generation, ref)),
      moments: sorted(
        [...(await reader.moments(generation, ref))].map(([field, sums]) => [field, ...sums.map(rounded)]),
      ),
      uniques: await reader.uniques(generation, ref, counts[index] ?? []).then((all) => all.reduce((a, b) => a + b, 0)),
    })),
  );
  return { details, totals: sorted([...(await reader.totals(generation))]) };
}

/** Sums of the same numbers in other portions differ in their last digits. */
function rounded(sum: number): string {
  return sum.toPrecision(9);
}

/** What a direct count of the whole stream comes to, equals what was carried over and counted on. */
async function expectExact(system: OldSystem): Promise<void> {
  const { box, deps } = system;
  const served = (await box.counters.readPointer()) ?? '';
  await countNew(system, served);
  const fresh = await deps.generations.next();
  await countNew(system, fresh);
  expect(await countersOf(box.counterReader, served)).toEqual(await countersOf(box.counterReader, fresh));
}

/** Something happens before each step of the carrying; where that fails, nobody lets go of lock and hold. */
function withTraffic(layoutOne: LayoutOne, step: () => Promise<void>): LayoutOne {
  return {
    ...layoutOne,
    async lock() {
      const carrier = await layoutOne.lock();
      if (!carrier) return undefined;
      let failed = false;
      const before = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
        return async (...args: A) => {
          failed = true;
          await step();
          failed = false;
          return call(...args);
        };
      };
      return {
        renew: before(carrier.renew),
        begin: before(carrier.begin),
        done: before(carrier.done),
        reached: before(carrier.reached),
        copyCounters: before(carrier.copyCounters),
        copyLists: before(carrier.copyLists),
        writeCodes: before(carrier.writeCodes),
        replace: before(carrier.replace),
        hold: before(carrier.hold),
        serve: before(carrier.serve),
        giveUp: before(carrier.giveUp),
        release: () => (failed ? Promise.resolve() : carrier.release()),
      };
    },
  };
}

class Killed extends Error {}

describe('carrying counters of 0.1.0 over', () => {
  test('serves what a count of the whole stream comes to, and leaves the old generation as it was', async () => {
    const system = await createOldSystem(createRandom(1));
    const { deps, prefix, box } = system;
    const before = await world.redis.dumpBuffer(`${prefix}:g1:watermarks`);
    expect(await carryOver(deps)).toBe('carried');
    expect(await carryOver(deps)).toBe('nothing');
    expect(await box.counters.readPointer()).toBe('g2');
    expect(await world.redis.get(`${prefix}:generation`)).toBe('g1');
    expect(await world.redis.dumpBuffer(`${prefix}:g1:watermarks`)).toEqual(before);
    expect(await world.redis.keys(`${prefix}:hold`)).toEqual([]);
    await expectExact(system);
  });

  test.each([2, 3, 4, 5, 6])('loses and repeats nothing while 0.1.0 goes on counting: %i', async (seed) => {
    const random = createRandom(seed);
    const system = await createOldSystem(random);
    const layoutOne = withTraffic(system.deps.layoutOne, async () => {
      if (!random.chance(0.3)) return;
      system.put(random.below(8));
      await system.countOld();
    });
    while ((await carryOver({ ...system.deps, layoutOne })) === 'unfinished') await system.countOld();
    system.put(20);
    await expectExact(system);
  });

  test('goes on where it was killed, wherever that is', async () => {
    const random = createRandom(7);
    const system = await createOldSystem(random);
    let outcome = '';
    for (let allowed = 1; outcome !== 'carried'; allowed += 1 + random.below(8)) {
      let steps = 0;
      const layoutOne = withTraffic(system.deps.layoutOne, async () => {
        if ((steps += 1) > allowed) throw new Killed();
        if (!random.chance(0.1)) return;
        system.put(1);
        await system.countOld();
      });
      outcome = await carryOver({ ...system.deps, layoutOne }).catch((error: unknown) => {
        if (error instanceof Killed) return 'killed';
        throw error;
      });
      // Nobody has let go of them: they expire.
      await world.redis.del(system.box.keys.carryLock, system.box.keys.hold);
      if (outcome !== 'carried') await system.countOld();
    }
    await expectExact(system);
  });

  test('one carries at a time', async () => {
    const system = await createOldSystem(createRandom(8));
    const outcomes = await Promise.all([carryOver(system.deps), carryOver(system.deps)]);
    expect(outcomes.sort()).toEqual(['carried', 'unfinished']);
    await expectExact(system);
  });

  test('a watermark that has left the stream is no obstacle where nothing has been counted since', async () => {
    const system = await createOldSystem(createRandom(9));
    system.stream.trim(NOON + 10_000);
    system.put(5);
    expect(await carryOver(system.deps)).toBe('carried');
  });

  test('after it, 0.1.0 finds its own generation and goes on', async () => {
    const system = await createOldSystem(createRandom(10));
    await carryOver(system.deps);
    system.put(30);
    await system.countOld();
    const marks = await system.deps.layoutOne.readWatermarks('g1');
    for (const [id, { records }] of system.stream.shards) {
      expect(marks.get(shardName(STREAM, id))).toBe(records.at(-1)?.sequence);
    }
    await expectExact(system);
  });
});
