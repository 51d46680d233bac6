// Tries the exactly-once promise with seeded malice: npm run chaos -- --seed 1 --schedules 1000
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Redis } from 'ioredis';
import { startChildServer } from '../local/child-server.ts';
import { findFreePorts } from '../local/free-ports.ts';
import { findSystemProgram } from '../local/system-program.ts';
import { mapAtOnce } from '../shared/runtime/map-at-once.ts';
import { connectRedis } from '../shared/stores/redis/client.ts';
import { disturbCalls, mischiefs } from '../tests/chaos/schedules/enumerate.ts';
import { explain } from '../tests/chaos/schedules/explain.ts';
import { findFailure } from '../tests/chaos/schedules/find-failure.ts';
import { generateLoggedSchedule, scheduleOf } from '../tests/chaos/schedules/generate.ts';
import { logRules } from '../tests/chaos/rules/of-log.ts';
import { rules } from '../tests/chaos/rules/rules.ts';
import { runSchedule } from '../tests/chaos/schedules/run-schedule.ts';
import { scenarios } from '../tests/chaos/schedules/scenarios.ts';
import { eventCount } from '../tests/chaos/schedules/schedule.ts';

const PROGRESS_EVERY = 500;
/** Schedules wait for Redis most of the time; each has its own world, so several are under way at once. */
const AT_ONCE = 8;
const EXPLAINED = 3;

interface Options {
  seed: number;
  schedules: number;
  mutations?: boolean;
  crashes?: boolean;
  log?: boolean;
  rule?: string;
}

/** Runs schedules from a seed on. @returns whether all of them ended exact */
async function runSchedules({ seed, schedules, log }: Options, redis: Redis): Promise<boolean> {
  const generate = log ? generateLoggedSchedule : scheduleOf;
  const start = Date.now();
  const failed: number[] = [];
  let done = 0;
  let events = 0;
  let calls = 0;
  const seeds = Array.from({ length: schedules }, (_, index) => seed + index);
  await mapAtOnce(AT_ONCE, seeds, async (next) => {
    const schedule = generate(next);
    const verdict = await runSchedule(schedule, redis);
    events += eventCount(schedule);
    for (const made of verdict.calls.values()) calls += made;
    done += 1;
    if (verdict.result !== 'exact') failed.push(next);
    if (done % PROGRESS_EVERY === 0) console.log(`${done} schedules, ${failed.length} failed, ${seconds(start)} s`);
  });
  for (const next of failed.slice(0, EXPLAINED)) console.log((await explain(generate(next), redis)).join('\n'));
  const outcome = failed.length === 0 ? 'all exact' : `not exact: ${failed.join(' ')}`;
  const figures = `${events} events, ${calls} calls of stores, ${seconds(start)} s`;
  console.log(`${schedules} schedules from seed ${seed}: ${figures}: ${outcome}`);
  return failed.length === 0;
}

/** Disturbs each call of each scenario in every way. @returns whether all of it ended exact */
async function runCrashes(redis: Redis): Promise<boolean> {
  let exact = true;
  for (const scenario of scenarios) {
    for (const mischief of mischiefs) {
      const disturbed = await disturbCalls(scenario, mischief, redis);
      exact &&= disturbed.length === 0;
      const calls = disturbed.map(({ call }) => call).join(' ');
      console.log(`${scenario.name}: ${mischief.name}: ${calls === '' ? 'exact' : `not exact at calls ${calls}`}`);
    }
  }
  return exact;
}

/** Takes out each rule, and prints which schedule shows the difference. @returns whether each did as it should */
async function runMutations({ schedules, log, rule: text = '' }: Options, redis: Redis): Promise<boolean> {
  let asExpected = true;
  for (const rule of (log ? logRules : rules).filter(({ name }) => name.includes(text))) {
    const failure = await findFailure(rule, schedules, redis);
    asExpected &&= (failure === undefined) === (rule.harmless !== undefined);
    const result = failure?.verdict.result === 'broken' ? 'a promise is broken' : failure?.verdict.result;
    const [complaint] = failure?.verdict.complaints ?? [];
    const detail = complaint
      ? `${complaint.what}: ${complaint.found} instead of ${complaint.expected}`
      : failure?.verdict.broken[0];
    console.log(
      `| ${rule.name} | ${result ?? 'no difference'} | ${failure?.where ?? ''} | ${detail ?? rule.harmless ?? ''} |`,
    );
  }
  return asExpected;
}

function seconds(start: number): string {
  return ((Date.now() - start) / 1_000).toFixed(1);
}

function run(options: Options, redis: Redis): Promise<boolean> {
  if (options.crashes) return runCrashes(redis);
  return options.mutations ? runMutations(options, redis) : runSchedules(options, redis);
}

async function main(): Promise<void> {
  const program = new Command('chaos')
    .option('--seed <number>', 'the first seed', Number, 1)
    .option('--schedules <number>', 'how many schedules', Number, 300)
    .option('--crashes', 'disturb every call of some scenarios in every way, instead of schedules at random')
    .option('--log', 'schedules with an event log alone')
    .option('--mutations', 'take out one rule after the other, and show which schedule finds it')
    .option('--rule <text>', 'with --mutations: the rules alone whose name has this text')
    .parse();
  const folder = mkdtempSync(join(tmpdir(), 'mem-chaos-'));
  const [port = 0] = await findFreePorts(1);
  const say = (line: string) => console.error(line);
  const args = [findSystemProgram('redis', say)];
  const server = await startChildServer({ root: resolve(), name: 'redis', port, folder, args, say });
  const redis = connectRedis(`redis://127.0.0.1:${server.port}`, (error) => console.error(error.message));
  try {
    const options = program.opts<Options>();
    process.exitCode = (await run(options, redis)) ? 0 : 1;
  } finally {
    redis.disconnect();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
