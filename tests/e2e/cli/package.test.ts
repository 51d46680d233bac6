import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { version } from '../../../package.json';
import { poorEnvironment } from '../../support/deploy/packaged.ts';
import { installMem, type InstalledMem } from '../../support/local/installed-mem.ts';

let installed: InstalledMem;
beforeAll(async () => {
  installed = await installMem();
});
afterAll(() => installed.remove());

const mem = (...args: string[]) => installed.mem(args);

describe('the installed command', () => {
  test('says what it can do, in groups, with examples', async () => {
    const { code, stdout, stderr } = await mem('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const heading of ['See what counts:', 'Set up:', 'Operate:', 'Which system:', 'Exit codes:', 'Examples:']) {
      expect(stdout).toContain(heading);
    }
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(82);
  });

  test('every command has help with an example', async () => {
    const names = commandsIn((await mem('--help')).stdout);
    expect(names.length).toBeGreaterThanOrEqual(12);
    for (const name of names) {
      const help = await mem(name, '--help');
      const below = await Promise.all(commandsIn(help.stdout).map((it) => mem(name, it, '--help')));
      for (const { code, stdout } of [help, ...below]) {
        expect(code).toBe(0);
        expect(stdout).toMatch(/Examples?:\n {2}mem /);
      }
    }
  });

  test('says its version', async () => {
    expect(await mem('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each(['installation', 'checkout'])('npx mem-ab runs it in an %s, and asks no registry', async (where) => {
    const cwd = where === 'checkout' ? process.cwd() : installed.folder;
    const { stdout } = await promisify(execFile)('npx', ['--offline', 'mem-ab', '--version'], {
      cwd,
      env: poorEnvironment(installed.folder),
    });
    expect(stdout).toBe(`${version}\n`);
  });

  test.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['report'], "missing required argument 'experiment'"],
    [['report', 'x', '--segment', 'platform'], 'expected a key and a value such as platform=ios'],
    [['report', 'x', '--method', 'guess'], 'Allowed choices are'],
    [['keys', 'add', '--role', 'king'], 'Allowed choices are read, admin'],
    [['keys', 'nonsense'], 'mem keys has no command "nonsense"; there are list, add, remove'],
    [['keys', 'list', 'nonsense'], 'has no command'],
    [['--stage', 'Prod', 'keys'], 'lower-case letters'],
    [['experiments', 'delete', 'x'], 'confirm with --yes'],
    [['preflight', '--local', '--stage', 'prod'], 'expected --local or --stage, got both'],
    [['deploy'], 'say --yes'],
    [['configure'], 'there is no terminal to ask at'],
    [['replay', '--from', 'yesterday'], 'expected a time such as'],
    [['simulate', '--bad', '2'], 'expected a number from 0 to 1'],
    [[], 'Usage: mem'],
  ])('%j is wrong usage, and says why', async (args, reason) => {
    const { code, stdout, stderr } = await installed.mem(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  test('without a system it says how to name one, and with DEBUG=mem also where that happened', async () => {
    const plain = await mem('experiments');
    expect(plain).toMatchObject({ code: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^mem: no system to work on: .*--stage.*npm start.*\n$/);
    const debugged = await installed.mem(['experiments'], { environment: { DEBUG: 'mem' } });
    expect(debugged.stderr).toMatch(/^ {4}at /m);
    expect(await mem('--system', 'nowhere.json', 'keys')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere.json is missing'),
    });
  });
});

describe('mem cost', () => {
  const lineOf = (stdout: string, name: string) => stdout.split('\n').find((line) => line.trimStart().startsWith(name));

  test('of no events is what is fixed, and no million of them has a price', async () => {
    const { code, stdout } = await mem('cost', '--events', '0');
    expect(code).toBe(0);
    expect(stdout).not.toContain('NaN');
    const json = JSON.parse((await mem('cost', '--events', '0', '--json')).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ growing: 0, growingPerMillion: null, total: json.fixed });
  });

  test('takes numbers as people write them, and --copies as the older name of --duplicates', async () => {
    expect((await mem('cost', '--events', '1e9')).stdout).toMatch(/^1,000 million events/);
    const [older, newer] = await Promise.all([mem('cost', '--copies', '0.2'), mem('cost', '--duplicates', '0.2')]);
    expect(older).toEqual(newer);
    expect(lineOf(newer.stdout, 'HTTP API requests')).toContain('120 million requests');
  });

  test('refuses a region whose prices it does not know', async () => {
    const { code, stderr } = await mem('cost', '--region', 'eu-central-1');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('prices are known (us-east-1)') });
  });
});

describe('mem configure', () => {
  const read = () => JSON.parse(readFileSync(join(installed.folder, 'mem.config.json'), 'utf8')) as unknown;

  test('writes what is set, keeps the rest, and hides what is secret', async () => {
    const url = 'rediss://user:secret@redis.example:6379';
    expect(await mem('configure', '--set', 'region=eu-central-1', '--set', 'trackPaths=/e,/x')).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await mem('configure', '--set', `redisUrl=${url}`, '--set', 'limits={"goals":5}')).toMatchObject({
      code: 0,
    });
    expect(read()).toEqual({ region: 'eu-central-1', trackPaths: ['/e', '/x'], redisUrl: url, limits: { goals: 5 } });
    expect(statSync(join(installed.folder, 'mem.config.json')).mode & 0o777).toBe(0o600);

    const shown = await installed.mem(['configure', '--show'], { environment: { MEM_STAGE: 'prod' } });
    expect(shown.stdout).toMatch(/^stage +prod +\(MEM_STAGE\)$/m);
    expect(shown.stdout).toMatch(/^region +eu-central-1 +\(mem.config.json\)$/m);
    const json = await mem('configure', '--show', '--json');
    expect(JSON.parse(json.stdout)).toEqual({
      ...(read() as object),
      redisUrl: 'rediss://user:***@redis.example:6379',
    });
    expect(shown.stdout + json.stdout).not.toContain('secret');

    expect(await mem('configure', '--unset', 'redisUrl', '--set', 'redisUrlParameter=/shop/redis')).toMatchObject({
      code: 0,
    });
    expect(read()).toEqual({
      region: 'eu-central-1',
      trackPaths: ['/e', '/x'],
      limits: { goals: 5 },
      redisUrlParameter: '/shop/redis',
    });
  });

  test.each([
    [['--set', 'region=mars'], 'region'],
    [['--set', 'colour=red'], '"colour" is not a setting'],
    [['--set', 'region'], 'expected SETTING=VALUE'],
    [['--set', 'eventLog=perhaps'], 'expected boolean'],
    [['--unset', 'colour'], '"colour" is not a setting'],
    [['--show', '--set', 'region=eu-west-1'], '--show changes nothing'],
    [['--json'], '--json goes with --show'],
    [['--stage', 'prod'], 'mem configure --set stage=prod'],
  ])('refuses %j and writes nothing', async (args, reason) => {
    const before = readdirSync(installed.folder);
    const { code, stderr } = await mem('configure', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    expect(readdirSync(installed.folder)).toEqual(before);
  });

  test('a file with a fault is told of, and mended by taking the setting away', async () => {
    const path = join(installed.folder, 'mem.config.json');
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, '{"colour":"red","region":"eu-west-1"}');
    expect(await mem('configure', '--show')).toMatchObject({
      code: 1,
      stderr: 'mem: mem.config.json: colour is not a setting.\n',
    });
    expect((await mem('preflight')).stdout).toMatch(/skipped {2}Redis /); // nobody knows where it is
    expect(await mem('configure', '--unset', 'colour')).toMatchObject({ code: 0 });
    expect(read()).toEqual({ region: 'eu-west-1' });
    writeFileSync(path, before);
  });
});

test('mem snippet prints HTML for both, or for the one that is asked for', async () => {
  const both = await mem('snippet', '--url', 'https://events.shop.example/e', '--namespace', 'shop </script>');
  expect(both).toMatchObject({ code: 0, stderr: '' });
  expect(both.stdout).toContain(
    String.raw`new AlephBet.AlephbetAdapter("https://events.shop.example/e", "shop \u003c/script>")`,
  );
  expect(both.stdout).toContain('endpoint: "https://events.shop.example"');
  const one = await mem('snippet', '--adapter', 'sdk', '--url', 'https://events.shop.example');
  expect(one.stdout).not.toContain('AlephBet');
});

test('mem preflight finds what is missing where there is neither a region nor an account', async () => {
  const { code, stdout } = await installed.mem(['preflight', '--json'], {
    environment: { MEM_REGION: '' },
    in: 'node_modules',
  });
  expect(code).toBe(1);
  const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string; advice?: string }[] };
  expect(findings.filter(({ status }) => status === 'problem').map(({ check }) => check)).toEqual(['region']);
  for (const { status, advice } of findings) expect(advice !== undefined).toBe(status !== 'ok');
});

test('mem deploy --dry-run packages from elsewhere, and leaves the package as it was', async () => {
  const ours = join(installed.folder, 'node_modules', 'mem-ab');
  const before = readdirSync(ours);
  const { code, stdout, stderr } = await mem('deploy', '--dry-run', '--stage', 'test');
  expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false });
  expect(stdout).toContain('Packaged into .mem/deploy/.serverless; nothing is uploaded.');
  const packaged = readdirSync(join(installed.folder, '.mem', 'deploy', '.serverless'));
  expect(packaged).toEqual(expect.arrayContaining(['consumer.zip', 'ingest.zip', 'recover.zip', 'report.zip']));
  const template = readFileSync(
    join(installed.folder, '.mem', 'deploy', '.serverless', 'cloudformation-template-update-stack.json'),
    'utf8',
  );
  expect(template).toContain('POST /x'); // a path of the user's mem.config.json
  expect(readdirSync(ours)).toEqual(before);
});

/** The names in the lists of commands of a help page, but for `help` itself. */
function commandsIn(help: string): string[] {
  const lists = help.split(/\n\n(?=Commands:|See |Set up:|Operate:)/).slice(1);
  const names = lists.flatMap((list) =>
    [...(list.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name),
  );
  return names.filter((name) => name !== 'help');
}
