// Deploys Mem to an emulator of AWS, counts there, changes it, and takes it down: npm run deploy-test
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareCounts } from '../../bench/load/compare.ts';
import { createRead, runLoad, type LoadResult } from '../../bench/load/run-load.ts';
import { startChildServer } from '../../local/child-server.ts';
import { findFreePorts } from '../../local/free-ports.ts';
import { findSystemProgram } from '../../local/system-program.ts';
import { startEmulator } from './emulator.ts';
import { lintTemplate } from './python-tools.ts';
import { createStage, type Stage } from './stage.ts';

const EVENTS = 5_000;
const FEWER = 500;
const PATIENCE_SECONDS = 180;

const say = (line: string) => console.log(line);

main().then(
  () => say('\nThe deployment holds.'),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-deploy-test-'));
  const emulator = await startEmulator(join(folder, 'aws'));
  const [first, second] = await Promise.all([startRedis(folder), startRedis(folder)]);
  try {
    mkdirSync(join(folder, 'user'));
    await play(createStage('try', join(folder, 'user'), emulator), first.url, second.url);
  } finally {
    await emulator.stop();
    await Promise.all([first.stop(), second.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What an installation lives through, each step with what has to hold after it. */
async function play(stage: Stage, firstRedis: string, secondRedis: string): Promise<void> {
  say('\n1. A first deployment');
  stage.configure({ redisUrl: firstRedis });
  await stage.mem('deploy', '--yes');
  await lintTemplate(stage.template);
  const apiKey = await addKey(stage);
  const loads = [await load(stage, apiKey, EVENTS)];
  await stage.mem('verify', '--stage', 'try');

  say('\n2. The same deployment again, and a replay');
  await stage.mem('deploy', '--yes');
  await stage.mem('replay', '--stage', 'try');
  await expectUnchanged(stage, apiKey, loads);

  say('\n3. Another Redis, which is empty');
  stage.configure({ redisUrl: secondRedis });
  await stage.mem('deploy', '--yes');
  loads.push(await load(stage, apiKey, FEWER));
  await expectUnchanged(stage, apiKey, loads);

  say('\n4. Taken down, and deployed again');
  await stage.mem('remove', '--yes', '--stage', 'try');
  await expectRefused(stage);
  await stage.mem('deploy', '--yes', '--force');
  await stage.mem('redis', 'take', '--erase', '--yes', '--stage', 'try');
  await load(stage, await addKey(stage), FEWER);
}

/** The counters in Redis are those of the installation that was taken down: nothing is written beside them unasked. */
async function expectRefused(stage: Stage): Promise<void> {
  const said = await stage.mem('deploy', '--yes').then(
    () => 'it was deployed',
    (error: unknown) => String(error),
  );
  if (!said.includes('counters of another installation')) throw new Error(`expected a refusal, got: ${said}`);
  say('   refused, since Redis holds the counters of another installation');
}

async function addKey(stage: Stage): Promise<string> {
  return (await stage.mem('keys', 'add', '--role', 'admin', '--stage', 'try')).trim();
}

/** Sends events with copies and bad ones among them. @throws Error where a counter is not what was acknowledged */
async function load(stage: Stage, apiKey: string, events: number): Promise<LoadResult> {
  const url = await stage.url();
  const settings = { seed: events, connections: 4, patienceSeconds: PATIENCE_SECONDS };
  const result = await runLoad({ url, apiKey, events, ...settings, say: () => undefined });
  const { settled, wrongAnswers, differences, plan, counters } = result;
  if (!settled || wrongAnswers.length + differences.length > 0) {
    throw new Error(`not exact: ${JSON.stringify({ settled, wrongAnswers, differences }, undefined, 2)}`);
  }
  say(`   ${plan.events} events, ${plan.repeats} of them copies and ${plan.bad} bad: ${counters} counters exact`);
  return result;
}

/** Every counter of what was sent before is still what it was, or is again once the idle shards have caught up. */
async function expectUnchanged(stage: Stage, apiKey: string, loads: readonly LoadResult[]): Promise<void> {
  const read = createRead(await stage.url(), apiKey);
  const deadline = Date.now() + PATIENCE_SECONDS * 1_000;
  for (;;) {
    await stage.recover();
    const compared = await Promise.all(loads.map(({ plan }) => compareCounts(plan.expected, plan.tag, read)));
    const differences = compared.flatMap((comparison) => comparison.differences);
    if (differences.length === 0) break;
    if (Date.now() > deadline) throw new Error(`not as before: ${differences.slice(0, 20).join('\n')}`);
    await sleep(1_000);
  }
  say('   all counters are what they were');
}

async function startRedis(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const [port = 0] = await findFreePorts(1);
  const server = await startChildServer({
    root: resolve('.'),
    name: 'redis',
    port,
    folder: join(folder, `redis-${port}`),
    args: [findSystemProgram('redis', say)],
    say,
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.stop() };
}
