import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startLocalSystem, type LocalSystem } from '../../tests/support/local/local-system.ts';
import { findProcess } from '../../tests/support/local/processes.ts';

/** A running system that is struck, and started again where it cannot do so itself. */
export interface Victim {
  system: LocalSystem;
  /** Where it keeps its data. */
  folder: string;
}

/** One thing that goes wrong while traffic goes on. */
export interface Strike {
  name: string;
  /** Something to be done earlier, under traffic, too. */
  prepare?: (victim: Victim) => void;
  strike: (victim: Victim) => void | Promise<void>;
}

/** What can be lost on one machine: each process, and what Redis holds. */
export const strikes: readonly Strike[] = [
  {
    name: 'kill -9 of the process that runs the functions and delivers the stream',
    async strike(victim) {
      const { port } = victim.system;
      await victim.system.kill();
      victim.system = await startLocalSystem({ folder: victim.folder, port });
    },
  },
  { name: 'kill -9 of redis-server', strike: ({ system }) => killServer(system, 'redis-server') },
  {
    name: 'kill -9 of redis-server, and an older file under it when it starts again',
    prepare: ({ folder }) => cpSync(redisFile(folder), olderFile(folder), { recursive: true }),
    strike({ system, folder }) {
      // The running server keeps writing to the files that it has open: these are nobody's now.
      rmSync(redisFile(folder), { recursive: true });
      cpSync(olderFile(folder), redisFile(folder), { recursive: true });
      killServer(system, 'redis-server');
    },
  },
  {
    name: 'FLUSHALL',
    async strike({ folder }) {
      const { REDIS_URL } = JSON.parse(readFileSync(join(folder, 'system.json'), 'utf8')) as { REDIS_URL: string };
      const redis = new Redis(REDIS_URL);
      await redis.flushall();
      redis.disconnect();
    },
  },
  { name: 'kill -9 of kinesalite', strike: ({ system }) => killServer(system, 'kinesalite.cjs') },
  { name: 'kill -9 of dynalite', strike: ({ system }) => killServer(system, 'dynalite.cjs') },
];

function redisFile(folder: string): string {
  return join(folder, 'redis', 'appendonlydir');
}

function olderFile(folder: string): string {
  return join(folder, 'older-appendonlydir');
}

function killServer(system: LocalSystem, program: string): void {
  process.kill(findProcess(system.pids(), program), 'SIGKILL');
}
