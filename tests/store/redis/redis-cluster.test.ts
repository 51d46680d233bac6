import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { consume } from '../../../shared/counting/consume.ts';
import { readReportConfig } from '../../../shared/runtime/config.ts';
import { createGenerationStore } from '../../../shared/stores/redis/generations.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { openRedis, openSafeRedis, type RedisClient } from '../../../shared/stores/redis/client.ts';
import { plenty, readCounters, realDeps, SHARD } from '../../support/counting/consumer.ts';
import { aRecord, anEvent } from '../../support/counting/events.ts';
import { startRedisCluster, type RedisCluster } from '../../support/redis/redis-cluster.ts';
import { createReport } from '../../support/report/report.ts';
import { traffic } from '../../support/counting/traffic.ts';
import { createWorld, type StoresWorld, type World } from '../../support/counting/world.ts';

const ignore = () => undefined;
const configOf = (url: string) => readReportConfig({ STATE_TABLE: 'none', REDIS_URL: url, REDIS_CLUSTER: 'true' });

describe('a Redis of three nodes with a password', () => {
  let cluster: RedisCluster;
  let redis: RedisClient;
  beforeAll(async () => {
    cluster = await startRedisCluster({ tls: false });
    redis = await openSafeRedis(configOf(cluster.url), ignore);
  });
  afterAll(async () => {
    redis.disconnect();
    await cluster.stop();
  });

  let base: World;
  let world: StoresWorld;
  beforeEach(async () => {
    base = await createWorld();
    world = { ...base, redis };
  });
  afterEach(() => base.close());

  test('counts each event once, however often it is delivered, and reports it', async () => {
    const report = await createReport(world);
    const events = traffic('checkout', [
      { variant: 'short', participants: 60, goals: { bought: 20 } },
      { variant: 'long', participants: 50, goals: { bought: 5 } },
    ]);
    await report.count(events);
    await report.count(events);
    const { variants } = await report.experiment('checkout');
    expect(Object.fromEntries(variants.map(({ name, units }) => [name, units]))).toEqual({ short: 60, long: 50 });
    const { experiments } = await report.list();
    expect(experiments.map(({ name, participants }) => ({ name, participants }))).toEqual([
      { name: 'checkout', participants: 110 },
    ]);
    expect((await readCounters(world, 'alephbet:checkout@0')).counts).toEqual({
      'short:participate': 60,
      'short:bought': 20,
      'long:participate': 50,
      'long:bought': 5,
    });
  });

  test('applies a batch that touches two thousand keys', async () => {
    const events = Array.from({ length: 400 }, (_, i) =>
      anEvent({ experiment: `e${i}`, segments: { platform: 'ios' } }),
    );
    expect(await consume(SHARD, [aRecord(1, events)], realDeps(world), plenty)).toBeUndefined();
    expect((await readCounters(world, 'alephbet:e399@0')).counts).toMatchObject({ 'red:participate': 1 });
  });

  test('lists, serves and removes generations, whichever node holds them', async () => {
    const generations = createGenerationStore(redis, world.prefix);
    const keys = createRedisKeys(world.prefix);
    await redis.set(keys.pointer, 'g1');
    for (const name of ['g1', 'g2']) await redis.hset(keys.watermarks(name), 'shard', '1');
    await redis.hset(keys.counts('g1', 'alephbet:button@0'), 'red:participate', 1);
    expect((await generations.list()).sort()).toEqual(['g1', 'g2']);
    expect(await generations.switchTo('g1', 'g2')).toBe('switched');
    await generations.remove('g1');
    expect(await generations.list()).toEqual(['g2']);
    expect(await redis.exists(keys.counts('g1', 'alephbet:button@0'))).toBe(0);
  });

  test('is reached again when its connections were cut, as a function finds them after a long sleep', async () => {
    const report = await createReport(world);
    await report.count(traffic('checkout', [{ variant: 'short', participants: 5 }]));
    await report.list();
    for (const node of cluster.nodes) await node.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect((await report.list()).experiments).toMatchObject([{ name: 'checkout', participants: 5 }]);
  });

  test('is refused where one of its nodes evicts keys', async () => {
    const [, , last] = cluster.nodes;
    await last?.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(openSafeRedis(configOf(cluster.url), ignore)).rejects.toThrow('maxmemory-policy allkeys-lru');
    await last?.config('SET', 'maxmemory-policy', 'noeviction');
  });
});

test('a cluster of which nothing can be reached is given up, not waited for', async () => {
  const redis = await openRedis(configOf('redis://127.0.0.1:9'), ignore);
  jest.useFakeTimers();
  const answer = expect(redis.ping()).rejects.toThrow('Command timed out');
  jest.advanceTimersByTime(10_000);
  jest.useRealTimers();
  await answer;
  redis.disconnect();
});

test('a cluster whose nodes have a certificate for their name, and a password, is reached', async () => {
  const cluster = await startRedisCluster({ tls: true });
  try {
    const environment = { REDIS_URL: cluster.url, REDIS_CLUSTER: 'true', NODE_EXTRA_CA_CERTS: cluster.certificate };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['scripts/run-typescript.mjs', 'tests/support/redis/ping-redis.ts'],
      { env: { ...process.env, ...environment } },
    );
    expect(JSON.parse(stdout)).toEqual({ answers: ['PONG', 'PONG', 'PONG'], pointer: 'g1' });
  } finally {
    await cluster.stop();
  }
});
