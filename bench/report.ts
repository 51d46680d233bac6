// How much CPU the list of a thousand experiments takes, and one experiment: everything from the stores to JSON.
// Usage: node scripts/run-typescript.mjs bench/report.ts [EXPERIMENTS] [VARIANTS] [GOALS] [ROUNDS]
import { NOTHING_NOTICED } from '../shared/contract/report/ingest-notes.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Definition } from '../shared/contract/definition.ts';
import { createRoutes } from '../functions/report/routes.ts';
import { startServers } from '../local/servers.ts';
import { createCounterReader } from '../shared/stores/redis/counter-reader.ts';
import { experimentId, fieldOf } from '../shared/contract/experiment-id.ts';
import { createRedisKeys } from '../shared/stores/redis/keys.ts';
import { connectRedis } from '../shared/stores/redis/client.ts';
import { createMemoryNameLists } from '../tests/support/counting/memory-names.ts';
import { createTallyReader } from '../shared/stores/redis/tally-reader.ts';

const [experiments = 1_000, variants = 3, goals = 5, rounds = 20] = process.argv.slice(2).map(Number);
const PREFIX = '{bench}';
const names = Array.from({ length: experiments }, (_, i) => `experiment ${i}`);
const arms = Array.from({ length: variants }, (_, i) => (i === 0 ? 'control' : `variant ${i}`));
const events = Array.from({ length: goals }, (_, i) => `goal ${i}`);

const folder = mkdtempSync(join(tmpdir(), 'mem-bench-'));

/** Counters as a month of traffic leaves them: half of the arms with a real difference. */
async function fill(redis: ReturnType<typeof connectRedis>): Promise<void> {
  const keys = createRedisKeys(PREFIX);
  await redis.set(keys.pointer, 'g1');
  const pipeline = redis.pipeline();
  for (const [number, experiment] of names.entries()) {
    const id = experimentId({ namespace: 'alephbet', experiment, incarnation: 0 });
    pipeline.sadd(keys.experiments('g1'), id);
    pipeline.hset(keys.activity('g1'), id, `${Date.now() - 28 * 86_400_000} ${Date.now()}`);
    for (const [i, arm] of arms.entries()) {
      const participants = 5_000 + ((number * 37 + i * 11) % 100);
      pipeline.hset(keys.counts('g1', id), fieldOf(arm, 'participate'), participants);
      pipeline.hset(keys.moments('g1', id), `${fieldOf(arm)}:`, `${participants} 3`);
      for (const [j, goal] of events.entries()) {
        const converted = 400 + 30 * j + ((number * 13 + i * 29 * (number % 2)) % 120);
        pipeline.hset(keys.counts('g1', id), fieldOf(arm, goal), converted);
        pipeline.hset(
          keys.moments('g1', id),
          fieldOf(arm, goal),
          `${converted} ${converted + 40} ${converted + 160} ${converted * 9.5} ${converted * 120}`,
        );
      }
    }
  }
  await pipeline.exec();
}

const definition: Definition = {
  variants: arms.map((name) => ({ name, weight: 1 })),
  goals: { primary: [{ name: 'goal 0' }], secondary: events.slice(1).map((name) => ({ name })) },
};

async function run(): Promise<void> {
  const servers = await startServers({ root: resolve(), folder, say: () => undefined });
  const redis = connectRedis(servers.redisUrl, () => undefined);
  try {
    await fill(redis);
    let defined = false;
    const stored = (experiment: string) => ({
      namespace: 'alephbet',
      experiment,
      writtenAt: 0,
      definition,
      faults: [],
    });
    const app = createRoutes({
      apiKeys: { roleOf: () => Promise.resolve('admin'), nameOf: () => Promise.resolve('bench') },
      counters: createCounterReader(redis, PREFIX),
      tallies: createTallyReader(redis, PREFIX),
      definitions: {
        read: (_, name) => Promise.resolve(defined ? stored(name) : undefined),
        readMany: () => Promise.resolve(new Map()),
        readAll: () => Promise.resolve(defined ? names.map(stored) : []),
        write: () => Promise.resolve(0),
        remove: () => Promise.resolve(),
      },
      deletions: {
        read: () => Promise.resolve(new Map()),
        readAll: () => Promise.resolve(new Map()),
        delete: () => Promise.resolve({ number: 1, since: 0 }),
      },
      imports: {
        read: () => Promise.resolve(undefined),
        readAll: () => Promise.resolve([]),
        removeBefore: () => Promise.resolve(),
      },
      ingestNotes: {
        read: () => Promise.resolve(NOTHING_NOTICED),
        readMany: () => Promise.resolve(new Map()),
        remove: () => Promise.resolve(),
      },
      nameLists: createMemoryNameLists(),
      losses: { read: () => Promise.resolve([]) },
      checkpoints: { readAll: () => Promise.resolve(new Map()) },
      now: Date.now,
      onError: (error) => console.error(error),
    });
    const ask = (path: string) => app.request(path, { headers: { 'x-api-key': 'bench' } });
    console.log(
      `${experiments} experiments × ${variants} variants × ${goals} goals, ${rounds} rounds; tables are in memory.`,
    );
    for (defined of [false, true]) {
      console.log(defined ? 'With a definition each:' : 'Without definitions:');
      await measure('the list', '/v1/experiments', ask);
      await measure('one experiment', '/v1/experiment?experiment=experiment+7', ask);
      await measure('  by method=bayesian', '/v1/experiment?experiment=experiment+7&method=bayesian', ask);
      await measure('  by method=abba', '/v1/experiment?experiment=experiment+7&method=abba', ask);
    }
  } finally {
    await redis.quit();
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  what: string,
  path: string,
  request: (path: string) => Response | Promise<Response>,
): Promise<void> {
  const spent: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    const response = await request(path);
    bytes = (await response.text()).length;
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1_000);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  }
  const sorted = [...spent].sort((a, b) => a - b);
  const at = (share: number) =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1)} ms`;
  console.log(
    `  ${what.padEnd(22)} CPU: first ${(spent[0] ?? 0).toFixed(1)} ms, median ${at(0.5)}, p95 ${at(0.95)}; ${bytes} bytes`,
  );
}

run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
