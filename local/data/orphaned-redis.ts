import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** In the folder of a Redis: on which port it was started last. */
export const PORT_FILE = 'mem-port';

const ANSWER_MS = 2_000;
const SHUTDOWN_MS = 30_000;

/**
 * Ends a redis-server that still writes into a folder, when everything else of its system was killed: a second one on
 * the same files would spoil them. Whether there is one is asked of the server itself, on the port that was noted.
 * @param folder of Redis in a data folder
 * @throws Error with one sentence where it does not end
 */
export async function endOrphanedRedis(folder: string, say: (line: string) => void): Promise<void> {
  for (const port of notedPorts(folder)) {
    const pid = await findServer(port, folder);
    if (pid === undefined) continue;
    say(`redis-server (process ${pid}) still runs on ${folder}, left behind by a system that was killed: ending it.`);
    await shutDown(port);
    const deadline = Date.now() + SHUTDOWN_MS;
    while ((await findServer(port, folder)) !== undefined) {
      if (Date.now() > deadline) {
        throw new Error(`redis-server (process ${pid}) runs on ${folder} already and does not end: end it by hand.`);
      }
      await sleep(100);
    }
  }
}

/** Ours, and that of version 0.1.0, which noted where its Redis is beside the folder only. */
function notedPorts(folder: string): number[] {
  const ours = readIfThere(join(folder, PORT_FILE));
  const older = /"REDIS_URL": "redis:\/\/127\.0\.0\.1:(\d+)"/.exec(readIfThere(join(folder, '..', 'system.json')));
  const ports = [ours, older?.[1] ?? ''].map(Number).filter((port) => port > 0);
  return [...new Set(ports)];
}

/** The process id of the server on a port, if it is one that keeps its files in the folder. */
async function findServer(port: number, folder: string): Promise<number | undefined> {
  return ask(port, async (redis) => {
    const [, dir] = await redis.config('GET', 'dir');
    if (dir === undefined || realpathSync(dir) !== realpathSync(folder)) return undefined;
    return Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1]);
  });
}

async function shutDown(port: number): Promise<void> {
  await ask(port, (redis) => redis.call('SHUTDOWN', 'NOSAVE')); // what it holds is in its append-only file
}

/** @returns undefined where nobody answers who speaks as Redis does */
async function ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T | undefined> {
  const redis = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    enableReadyCheck: false, // one that still loads its files has them, too
    retryStrategy: () => null,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined); // told by what rejects
  try {
    await redis.connect();
    return await question(redis);
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
