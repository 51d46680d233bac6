import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { encodeRecords } from '../../../shared/counting/stream-record.ts';
import { createKinesisClient } from '../../../shared/stores/aws-clients.ts';
import { createBacklog } from '../../../shared/stores/kinesis/backlog.ts';
import { environmentOf, loadConsumer, loadRecover } from '../../support/aws/load-handler.ts';
import { anEvent } from '../../support/counting/events.ts';
import { createLiveSystem } from '../../support/local/live-system.ts';
import { createWorld, type World } from '../../support/counting/world.ts';
import { startOwnRedis, type OwnRedis } from '../../support/redis/own-redis.ts';
import { waitUntil } from '../../support/wait-until.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** A test's own stores, and metrics as they are written on AWS. */
const settingsOf = (of: World) => ({ ...environmentOf(of), POWERTOOLS_METRICS_DISABLED: 'false' });

const context = { getRemainingTimeInMillis: () => 20_000 } as Context;

/** A delivery of one record, as Lambda makes it. */
function delivery(): KinesisStreamEvent {
  const [data] = encodeRecords({ at: Date.now(), events: [anEvent()] }, () => 'key').flat();
  const kinesis = {
    sequenceNumber: '49545115243490985018280067714973144582180062593244200961',
    data: Buffer.from(data?.data ?? '').toString('base64'),
    approximateArrivalTimestamp: Date.now() / 1_000,
  };
  return { Records: [{ eventID: `shardId-000000000000:${kinesis.sequenceNumber}`, kinesis }] } as KinesisStreamEvent;
}

/** What a function writes for CloudWatch while it works. */
async function metricsOf(work: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    await work();
  } finally {
    write.mockRestore();
  }
  const written = lines.filter((line) => line.includes('_aws')).map((line) => JSON.parse(line) as object);
  return Object.assign({}, ...written) as Record<string, unknown>;
}

describe('a delivery that fails is counted once, whatever fails', () => {
  test.each([
    ['Redis cannot be reached when the function starts', { REDIS_URL: 'redis://127.0.0.1:1' }],
    ['the claims table cannot be used', { CLAIMS_TABLE: 'no-such-table' }],
    ['the state table cannot be used', { STATE_TABLE: 'no-such-table' }],
  ])('%s', async (_, broken) => {
    const consumer = await loadConsumer({ ...settingsOf(world), ...broken });
    let answer: unknown;
    const metrics = await metricsOf(async () => {
      answer = await consumer(delivery(), context, () => undefined);
    });
    expect(answer).toMatchObject({ batchItemFailures: [{}] });
    expect(metrics.FailedBatches).toBe(1);
  });

  test('and one that is counted is no failure', async () => {
    const consumer = await loadConsumer(settingsOf(world));
    const metrics = await metricsOf(async () => consumer(delivery(), context, () => undefined));
    expect(metrics).not.toHaveProperty('FailedBatches');
  });
});

describe('what waits in the stream', () => {
  test('is measured, shard by shard, by the scheduled run: 0 when all is counted', async () => {
    const own = await createWorld();
    const live = await createLiveSystem(own);
    try {
      await live.put(Array.from({ length: 20 }, () => anEvent()));
      const recover = await loadRecover(settingsOf(own));
      const ages = async () => [(await metricsOf(() => recover({}, context))).OldestUncountedAge].flat() as number[];
      const before = await ages();
      expect(before).toHaveLength(2);
      expect(Math.max(...before)).toBeGreaterThan(0);

      const delivering = live.startDelivering();
      await waitUntil('everything is counted', async () => Math.max(...(await ages())) === 0);
      await delivering.stop();
    } finally {
      live.close();
      await own.close();
    }
  });

  test('begins with the oldest record where nothing has been counted', async () => {
    const own = await createWorld();
    const live = await createLiveSystem(own);
    const kinesis = createKinesisClient(own.kinesisEndpoint);
    try {
      const at = Date.now();
      await live.put([anEvent()]);
      const waiting = await createBacklog(kinesis, own.stream, Date.now).firstAfter(new Map());
      const [arrival = 0] = [...waiting.values()].flatMap((found) => found ?? []);
      expect(arrival).toBeGreaterThanOrEqual(at - 1_000);
    } finally {
      kinesis.destroy();
      live.close();
      await own.close();
    }
  });
});

describe('a Redis that is changed while it is used', () => {
  let own: OwnRedis;
  beforeAll(async () => {
    own = await startOwnRedis();
  });
  afterAll(() => own.stop());

  test('and evicts counters from now on, is told by the next scheduled run; how full it is, by each', async () => {
    const recover = await loadRecover({ ...settingsOf(world), REDIS_URL: own.url, REDIS_PREFIX: '{own}' });
    expect(await metricsOf(() => recover(undefined, context))).not.toHaveProperty('FailedHeals');
    await own.redis.config('SET', 'maxmemory', '4gb');
    await own.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const metrics = await metricsOf(() => recover(undefined, context));
    expect(metrics).toMatchObject({ FailedHeals: 1, RedisUsedMemory: expect.any(Number) });
    expect(metrics.RedisUsedMemory).toBeLessThan(50);
  });
});
