import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failToStart, findFreePort, startLocalSystem, type LocalSystem } from '../support/local/local-system.ts';
import { readExperiments, readReport, track, waitUntilCounted } from '../support/local/local-client.ts';
import { alive, findProcess, listeningAddresses, signal } from '../support/local/processes.ts';
import { waitUntil } from '../support/wait-until.ts';

const LOOPBACK = /^(0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F):/;
/** On AWS a report would be five minutes behind. */
const WHAT_AWS_IS_PAID_FOR = { MEM_BATCH_WINDOW_SECONDS: '300', MEM_CLAIMS_CAPACITY: '{"least":1,"most":100}' };
const onLinux = process.platform === 'linux' ? test : test.skip;

// The tests below are one story, in order: each start of the system takes seconds.
describe('npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
  let system: LocalSystem;
  beforeAll(async () => {
    system = await startLocalSystem({ folder });
  });
  afterAll(async () => {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('what the curl line of the banner tracks shows up in the report', async () => {
    const line = /curl '(http:\S+uuid=)'\$RANDOM/.exec(system.output())?.[1];
    expect(line).toBeDefined();
    const response = await fetch(`${line}4711`);
    expect([response.status, await response.json()]).toEqual([200, { accepted: 1 }]);
    expect(system.output()).toContain(`curl -H 'x-api-key: local' ${system.url}/experiments`);
    await waitUntil('the experiment of the banner is reported', async () => {
      return (await readExperiments(system.url)).some(({ experiment }) => experiment === 'button');
    });
  });

  onLinux('every server listens on the loopback interface alone', () => {
    const addresses = listeningAddresses(system.pids());
    expect(addresses).toHaveLength(4); // HTTP, Redis, Kinesis, DynamoDB
    expect(addresses.filter((address) => !LOOPBACK.test(address))).toEqual([]);
  });

  test('it says what it is and how to stop it, and nothing else', () => {
    expect(system.output().split('\n').find(isOurs)).toBe('  Mem is up.');
    expect(system.output()).toMatch(
      /Ctrl-C stops it; what was counted stays\. {2}npm start -- --fresh begins empty\.\s*$/,
    );
  });

  onLinux('nobody builds or watches anything while it runs', async () => {
    await waitUntil("the bundler's process has ended", () =>
      system.pids().every((pid) => !/esbuild|chokidar/.test(commandOf(pid))),
    );
  });

  test('on a port in use it ends with one sentence that says what to do', async () => {
    const other = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
    const { code, output } = await failToStart({ folder: other, port: system.port });
    rmSync(other, { recursive: true });
    expect(code).toBe(1);
    expect(complaints(output)).toEqual([
      `Mem cannot start: port ${system.port} of 127.0.0.1 is in use; choose another one: npm start -- --port ${system.port + 1}`,
    ]);
  });

  test('on a data folder in use it ends with one sentence, and leaves the folder to its owner', async () => {
    const { code, output } = await failToStart({ folder, port: await findFreePort() });
    expect(code).toBe(1);
    expect(complaints(output)).toEqual([
      expect.stringMatching(
        /^Mem cannot start: process \d+ runs on .* already; stop it, or give another folder with --data\.$/,
      ),
    ]);
    expect((await track(system.url, visit('after the intruder'))).status).toBe(200);
  });

  test.each([
    {
      wrong: 'a data folder that cannot be made',
      data: 'file/below',
      settings: {},
      says: /^Mem cannot start: the data folder \S+ cannot be used: .*; give one that can be written to with --data\.$/,
    },
    {
      wrong: 'a data folder that is a file',
      data: 'file',
      settings: {},
      says: /^Mem cannot start: the data folder \S+ cannot be used: it is a file; give one/,
    },
    {
      wrong: 'limits that are no JSON',
      data: 'new',
      settings: { MEM_LIMITS: 'many' },
      says: /^Mem cannot start: MEM_LIMITS: expected object as JSON, got "many"\.$/,
    },
    {
      wrong: 'limits that are out of range',
      data: 'new',
      settings: { MEM_LIMITS: '{"goals":0}' },
      says: /^Mem cannot start: mem\.config\.json: limits\.goals: expected /,
    },
  ])('$wrong: it ends with one sentence', async ({ data, settings, says }) => {
    const other = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
    writeFileSync(join(other, 'file'), '');
    const { code, output } = await failToStart({ folder: join(other, data), port: await findFreePort(), settings });
    rmSync(other, { recursive: true });
    expect([code, complaints(output)]).toEqual([1, [expect.stringMatching(says)]]);
  });

  test('it explains its options before anything else, and takes no others', () => {
    const help = spawnSync(process.execPath, ['local/start.mjs', '--help'], { encoding: 'utf8' });
    expect([help.status, help.stdout]).toEqual([
      0,
      expect.stringMatching(/^npm start -- \[options\](.|\n)*--port(.|\n)*--data(.|\n)*--fresh(.|\n)*--watch/),
    ]);
    const wrong = spawnSync(process.execPath, ['local/start.mjs', '--stage', 'x'], { encoding: 'utf8' });
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/^Mem cannot start: Unknown option '--stage'/),
    ]);
  });

  test('stopped and started again it has the same counters, and counts what is sent again no second time', async () => {
    const visits = Array.from({ length: 20 }, (_, index) => visit(`visitor ${index}`));
    await sendAll(visits.slice(0, 10));
    await stopAndLeaveNothing();
    await startAgain();
    await sendAll(visits);
    await sendAll([...visits, visit('the last one')]);
    await waitUntilCounted(system.url);
    expect(await participants()).toBe(22);
  });

  test('killed and started again it still has every event that it has acknowledged', async () => {
    await sendAll([visit('just before the end')]);
    const pids = system.pids();
    await system.kill();
    expect(alive(pids)).toEqual([]);
    await startAgain();
    await waitUntilCounted(system.url);
    expect(await participants()).toBe(23);
  });

  test('killed with all its processes but Redis, it ends that one at the next start: never are there two', async () => {
    const orphan = findProcess(system.pids(), 'redis-server');
    const killed = system.pids().filter((pid) => pid !== orphan);
    // All at once: whoever still runs while another has ended would end Redis, too.
    for (const how of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of killed) signal(pid, how);
    await waitUntil('the others have ended', () => alive(killed).length === 0);
    expect(alive([orphan])).toEqual([orphan]);
    await startAgain();
    expect(alive([orphan])).toEqual([]);
    expect(system.output()).toContain(`redis-server (process ${orphan}) still runs on ${join(folder, 'redis')}`);
    expect(await participants()).toBe(23);
  });

  test('started with --fresh it begins empty', async () => {
    await stopAndLeaveNothing();
    system = await startLocalSystem({ folder, fresh: true, settings: WHAT_AWS_IS_PAID_FOR });
    expect(await readExperiments(system.url)).toEqual([]);
  });

  test('it counts within seconds, whatever is to save money on AWS', async () => {
    await sendAll([visit('thrifty')]);
    await waitUntil('the event is counted', async () => (await readExperiments(system.url)).length > 0);
    expect(await participants()).toBe(1);
  });

  async function startAgain(): Promise<void> {
    system = await startLocalSystem({ folder });
  }

  async function stopAndLeaveNothing(): Promise<void> {
    const pids = system.pids();
    expect(alive(pids)).toHaveLength(pids.length);
    await system.stop();
    expect(alive(pids)).toEqual([]);
  }

  async function sendAll(events: Record<string, string>[]): Promise<void> {
    const answers = await Promise.all(events.map((event) => track(system.url, event)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  }

  async function participants(): Promise<number> {
    const nothing = { variants: [] as { participants: number }[] };
    const { variants } = await readReport(`${system.url}/v1/experiments/story`, nothing);
    return variants.reduce((sum, variant) => sum + variant.participants, 0);
  }
});

function commandOf(pid: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}

function visit(uuid: string): Record<string, string> {
  return { experiment: 'story', variant: uuid.length % 2 === 0 ? 'red' : 'blue', event: 'participate', uuid };
}

/** What a start that failed said, apart from npm itself. */
function complaints(output: string): string[] {
  return output.split('\n').filter(isOurs);
}

function isOurs(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('npm ') && !line.startsWith('>');
}
