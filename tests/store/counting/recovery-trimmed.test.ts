import { InvalidArgumentException } from '@aws-sdk/client-kinesis';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createShardReader } from '../../../shared/stores/kinesis/reader.ts';
import { connectTestRedis } from '../../chaos/world/test-redis.ts';
import { createLiveSystem } from '../../support/local/live-system.ts';
import { createUntouchedWorld, type UntouchedWorld } from '../../support/deploy/untouched-world.ts';
import { countsOf, visits } from '../../support/counting/visits.ts';
import { createWorld } from '../../support/counting/world.ts';

const SHARD = 'events/shardId-000000000000';

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

let world: UntouchedWorld;
let sequences: string[];

/** Ten visitors are counted: twenty records, a second apart. */
beforeEach(async () => {
  world = createUntouchedWorld(redis, `{trimmed-${randomUUID()}}`);
  sequences = world.put(visits(0, 10));
  await world.deliverAll();
  expect(await world.counts()).toEqual(countsOf(10));
});

/** The first so many records leave the stream. */
function trim(records: number): void {
  const shard = world.stream.shards.get('shardId-000000000000');
  world.stream.trim(shard?.records[records]?.arrival ?? Infinity);
}

test('each run says how many shards are behind, also that none is: an alarm waits for them to be none', async () => {
  await world.box.clear();
  await world.heal();
  await world.heal();
  expect(world.behind).toEqual([1, 0]);
});

describe('trimming: what should be caught up has left the stream', () => {
  test('in part: the loss is on record, what is left is counted, and nothing spins', async () => {
    await world.box.clear();
    trim(8);
    expect(await world.heal()).toBe(true);

    expect(await world.counts()).toEqual(countsOf(6));
    const arrival = world.stream.shards.get('shardId-000000000000')?.records[8]?.arrival;
    const loss = { shard: SHARD, from: sequences[0], to: sequences[8], countedSince: arrival };
    expect(await world.losses()).toEqual([expect.objectContaining(loss)]);

    expect(await world.heal()).toBe(true);
    expect(await world.counts()).toEqual(countsOf(6));
    expect(await world.losses()).toHaveLength(1);
  });

  test('in part, of what was counted in several batches: the loss begins where the first of them did', async () => {
    world.put(visits(10, 5));
    await world.deliverAll();
    await world.box.clear();
    trim(8);
    expect(await world.heal()).toBe(true);
    expect(await world.losses()).toEqual([expect.objectContaining({ from: sequences[0], to: sequences[8] })]);
  });

  test('altogether: the watermark moves on with an empty sum, and what comes next is counted', async () => {
    await world.box.clear();
    trim(20);
    expect(await world.heal()).toBe(true);

    const generation = (await world.box.counters.readPointer()) ?? '';
    expect((await world.box.generationStore.watermarks(generation)).get(SHARD)).toBe(sequences.at(-1));
    expect(await world.losses()).toEqual([expect.objectContaining({ from: sequences[0], to: sequences.at(-1) })]);

    world.put(visits(10, 3));
    await world.deliverAll();
    expect(await world.counts()).toEqual(countsOf(3));
  });

  test('behind an older state of Redis: only the gap is lost', async () => {
    const older = await world.box.snapshot();
    world.put(visits(10, 10));
    await world.deliverAll();
    await world.box.restore(older);
    trim(24);

    expect(await world.heal()).toBe(true);
    expect(await world.counts()).toEqual(countsOf(18));
    expect(await world.losses()).toEqual([expect.objectContaining({ from: sequences.at(-1) })]);
  });

  test('a batch that finds its shard behind goes on after the loss, in the same delivery', async () => {
    await world.box.clear();
    trim(8);
    world.put(visits(10, 2));
    await world.deliverAll();
    expect(await world.counts()).toEqual(countsOf(8));
  });
});

describe('a replay of more than the stream still holds', () => {
  test('is not served, and says since when it counts, unless the loss is accepted', async () => {
    trim(8);
    const refused = await world.replay();
    expect(refused.outcome).toBe('would lose');
    expect(refused.losses).toEqual([expect.objectContaining({ shard: SHARD, from: sequences[0], to: sequences[8] })]);
    expect(refused.differences.map(({ served, replayed }) => [served, replayed])).toContainEqual(['10', '6']);
    expect(await world.counts()).toEqual(countsOf(10));

    const accepted = await world.replay({ resume: refused.replayed, acceptLoss: true });
    expect(accepted.outcome).toBe('switched');
    expect(await world.counts()).toEqual(countsOf(6));
  });

  test('is refused even where nothing at all is left', async () => {
    trim(20);
    expect((await world.replay()).outcome).toBe('would lose');
    expect(await world.counts()).toEqual(countsOf(10));
  });
});

describe('a position whose record has been trimmed is refused by the stream', () => {
  test('the reader goes on with the oldest record that there is, and says that there is a gap', async () => {
    const live = await createWorld();
    const system = await createLiveSystem(live);
    await system.put(visits(0, 12));
    const shards = ['shardId-000000000000', 'shardId-000000000001'];
    live.kinesis.middlewareStack.add(
      (next, context) => async (args) => {
        const { StartingSequenceNumber } = args.input as { StartingSequenceNumber?: string };
        if (context.commandName === 'GetShardIteratorCommand' && StartingSequenceNumber !== undefined) {
          throw new InvalidArgumentException({ message: 'StartingSequenceNumber has been trimmed', $metadata: {} });
        }
        return next(args);
      },
      { step: 'initialize' },
    );
    const reader = createShardReader(live.kinesis, live.stream);
    for (const shard of shards) {
      const pages = [];
      for await (const page of reader.read(shard, '1')) pages.push(page);
      expect(pages[0]?.trimmed).toBe(true);
      expect(pages.flatMap(({ records }) => records).length).toBeGreaterThan(0);
    }
    system.close();
    await live.close();
  });
});
