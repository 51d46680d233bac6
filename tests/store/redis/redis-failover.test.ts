import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startChildServer, type ChildServer } from '../../../local/child-server.ts';
import { findFreePorts } from '../../../local/free-ports.ts';
import { findSystemProgram } from '../../../local/system-program.ts';
import { consume } from '../../../shared/counting/consume.ts';
import { readReportConfig } from '../../../shared/runtime/config.ts';
import { connectRedis, openSafeRedis } from '../../../shared/stores/redis/client.ts';
import { plenty, readCounters, realDeps, SHARD } from '../../support/counting/consumer.ts';
import { aRecord, anEvent } from '../../support/counting/events.ts';
import { createWorld } from '../../support/counting/world.ts';
import { listenFor, type Listener } from '../../support/listen.ts';
import { waitUntil } from '../../support/wait-until.ts';

const ignore = () => undefined;
const folder = mkdtempSync(join(tmpdir(), 'mem-failover-'));
let servers: ChildServer[];
let nodes: Redis[];
let address: Listener;
let primary = 0;

beforeAll(async () => {
  const program = findSystemProgram('redis', ignore);
  const start = (port: number) =>
    startChildServer({
      ...{ root: resolve(), name: 'redis', port, folder: join(folder, `${port}`), args: [program], say: ignore },
    });
  servers = await Promise.all((await findFreePorts(2)).map(start));
  nodes = servers.map(({ port }) => new Redis(port, '127.0.0.1'));
  address = await listenFor(() => servers[primary]?.port ?? 0);
  await nodes[1]?.replicaof('127.0.0.1', servers[0]?.port ?? 0);
  await waitUntil('the replica', async () =>
    ((await nodes[1]?.info('replication')) ?? '').includes('master_link_status:up'),
  );
});
afterAll(async () => {
  address.close();
  for (const node of nodes) node.disconnect();
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** The other node becomes the primary of the address; the connections that are open stay with the old one. */
async function failOver(): Promise<void> {
  const old = primary;
  primary = 1 - old;
  await nodes[primary]?.replicaof('NO', 'ONE');
  await nodes[old]?.replicaof('127.0.0.1', servers[primary]?.port ?? 0);
  await waitUntil('replica', async () =>
    ((await nodes[old]?.info('replication')) ?? '').includes('master_link_status:up'),
  );
}

test('a batch that met the old primary of an address is counted by the new one, once', async () => {
  const base = await createWorld();
  const redis = connectRedis(address.endpoint.replace('http', 'redis'), ignore);
  try {
    const world = { ...base, redis };
    const deps = realDeps(world);
    const count = (from: number, uuid: string) => consume(SHARD, [aRecord(from, [anEvent({ uuid })])], deps, plenty);
    await count(1, 'before');
    await failOver();
    await waitUntil('the batch after the failover', async () => (await count(2, 'after')) === undefined);
    await count(2, 'after');
    expect((await readCounters(world, 'alephbet:button@0')).counts).toEqual({ 'red:participate': 2 });
  } finally {
    redis.disconnect();
    await base.close();
  }
});

test.each([
  ['a command', (redis: Redis) => redis.set('key', '1')],
  ['a script', (redis: Redis) => redis.eval('return redis.call("set", "key", "1")', 0)],
  ['a pipeline', async (redis: Redis) => (await redis.pipeline().set('key', '1').exec())?.[0]?.[0]],
])('%s', async (_, send) => {
  const redis = connectRedis(address.endpoint.replace('http', 'redis'), ignore);
  try {
    await send(redis);
    await failOver();
    expect(String(await send(redis).catch((error: unknown) => error))).toMatch(/READONLY/);
    await waitUntil('the new primary', () => redis.set('key', '2').then(() => true));
  } finally {
    redis.disconnect();
  }
});

test('a Redis that may not be asked about itself is used, and it is said what nobody has checked', async () => {
  const node = nodes[primary];
  await node?.acl('SETUSER', 'guest', 'on', '>word', '~*', '+@all', '-info');
  const url = `redis://guest:word@127.0.0.1:${servers[primary]?.port ?? 0}`;
  const said: string[] = [];
  const config = readReportConfig({ STATE_TABLE: 'none', REDIS_URL: url });
  const redis = await openSafeRedis(config, ({ message }) => said.push(message));
  expect(await redis.set('key', '1')).toBe('OK');
  expect(said.join('\n')).toContain('see that it is set to noeviction');
  redis.disconnect();
});
