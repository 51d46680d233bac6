import { ListShardsCommand, MergeShardsCommand, SplitShardCommand, type Shard } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRedisBox, type RedisBox } from '../../chaos/world/redis-box.ts';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { countsOf, visits } from '../../support/counting/visits.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let system: LiveSystem;
let box: RedisBox;
let mapping: { stop: () => Promise<void> };

beforeEach(async () => {
  world = await createWorld();
  system = await createLiveSystem(world);
  box = createRedisBox(world.redis, world.prefix);
  mapping = system.startDelivering();
});

afterEach(async () => {
  await mapping.stop();
  system.close();
  await world.close();
});

/** Waits until so many visitors are counted and checkpointed: then nothing is under way. */
async function waitForVisitors(visitors: number): Promise<void> {
  await waitUntil(`${visitors} visitors`, async () => (await system.counts())['red:buy'] === visitors);
  await waitUntil('checkpoints', async () => {
    const generation = (await system.stores.counters.readPointer()) ?? '';
    const watermarks = await system.stores.generationStore.watermarks(generation);
    const checkpoints = await system.stores.checkpoints.readAll(world.stream);
    return [...watermarks].every(([shard, watermark]) => checkpoints.get(shard)?.sequence === watermark);
  });
  expect(await system.counts()).toEqual(countsOf(visitors));
}

/** By the hashes that they take. */
async function openShards(): Promise<Shard[]> {
  const { Shards = [] } = await world.kinesis.send(new ListShardsCommand({ StreamName: world.stream }));
  const begins = ({ HashKeyRange }: Shard) => BigInt(HashKeyRange?.StartingHashKey ?? 0);
  return Shards.filter(({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined).sort(
    (a, b) => (begins(a) < begins(b) ? -1 : 1),
  );
}

async function splitFirst(): Promise<void> {
  const [shard] = await openShards();
  const middle = BigInt(shard?.HashKeyRange?.EndingHashKey ?? 0) / 2n;
  const split = { StreamName: world.stream, ShardToSplit: shard?.ShardId, NewStartingHashKey: `${middle}` };
  await world.kinesis.send(new SplitShardCommand(split));
  await waitUntil('the split', async () => (await openShards()).length === 3);
}

async function mergeFirst(): Promise<void> {
  const [left, right] = await openShards();
  const merge = { StreamName: world.stream, ShardToMerge: left?.ShardId, AdjacentShardToMerge: right?.ShardId };
  await world.kinesis.send(new MergeShardsCommand(merge));
  await waitUntil('the merge', async () => (await openShards()).length === 2);
}

describe('a Redis that fails over and loses acknowledged writes', () => {
  test('is noticed at the next batch, and brought back from the stream', async () => {
    await system.put(visits(0, 20));
    await waitForVisitors(20);
    const older = await box.snapshot();
    await system.put(visits(20, 20));
    await waitForVisitors(40);

    await box.restore(older);
    await system.put(visits(40, 20)); // to both shards, so that each notices by itself
    await waitForVisitors(60);
  });

  test('is counted into a number that no generation has had, where it was emptied altogether', async () => {
    await system.put(visits(0, 30));
    await waitForVisitors(30);
    const before = await system.stores.counters.readPointer();

    await box.clear();
    await waitUntil('healed', () => system.heal());
    await waitForVisitors(30);
    expect(await system.stores.counters.readPointer()).not.toBe(before);
  });
});

describe('a Redis that has lost the watermarks alone', () => {
  test('is counted again into another generation, by a batch or by the scheduled run', async () => {
    await system.put(visits(0, 20));
    await waitForVisitors(20);
    const before = (await system.stores.counters.readPointer()) ?? '';
    await world.redis.del(box.keys.watermarks(before));
    await system.put(visits(20, 10));
    await waitForVisitors(30);
    const between = (await system.stores.counters.readPointer()) ?? '';
    expect(between).not.toBe(before);

    await world.redis.del(box.keys.watermarks(between));
    await waitUntil('healed', () => system.heal());
    await waitForVisitors(30);
    expect(await system.stores.counters.readPointer()).not.toBe(between);
  });
});

describe('a shard that is idle or closed when Redis loses its last writes', () => {
  test('is brought back by the scheduled run, though it delivers nothing', async () => {
    await system.put(visits(0, 20));
    await waitForVisitors(20);
    const older = await box.snapshot();
    await system.put(visits(20, 20));
    await waitForVisitors(40);
    await splitFirst();
    await mapping.stop();

    await box.restore(older);
    expect((await system.counts())['red:buy']).toBe(20);
    expect(await system.heal()).toBe(true);
    expect(await system.counts()).toEqual(countsOf(40));
  });
});

describe('resharding under traffic', () => {
  test('changes no counter, though Redis loses writes of parents and of children', async () => {
    let visitors = 0;
    const visit = async () => {
      await system.put(visits(visitors, 12));
      visitors += 12;
    };
    await visit();
    await splitFirst();
    await visit();
    await waitForVisitors(visitors);
    const older = await box.snapshot();

    await visit();
    await waitForVisitors(visitors);
    await mergeFirst();
    await box.restore(older);
    await visit();
    await waitUntil('healed', () => system.heal());
    await waitForVisitors(visitors);

    const generation = (await system.stores.counters.readPointer()) ?? '';
    const ref = { namespace: 'alephbet', experiment: 'button', incarnation: 0 };
    const moments = await system.stores.counterReader.moments(generation, ref);
    expect(moments.get('red:')).toEqual([visitors, 0]);
    expect(moments.get('red:buy')).toEqual([visitors, visitors, visitors, 1.5 * visitors, 2.25 * visitors]);
  });
});
