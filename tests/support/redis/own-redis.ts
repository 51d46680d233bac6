import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { startChildServer } from '../../../local/child-server.ts';
import { findFreePorts } from '../../../local/free-ports.ts';
import { findSystemProgram } from '../../../local/system-program.ts';

/** A redis-server for one test: its settings are nobody else's. */
export interface OwnRedis {
  redis: Redis;
  url: string;
  stop: () => Promise<void>;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

export async function startOwnRedis(): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-redis-'));
  const [port = 0] = await findFreePorts(1);
  const args = [findSystemProgram('redis', say)];
  const server = await startChildServer({ root: resolve(), name: 'redis', port, folder, args, say });
  const redis = new Redis(server.port, '127.0.0.1');
  return {
    redis,
    url: `redis://127.0.0.1:${server.port}`,
    async stop() {
      redis.disconnect();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
