import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { installMem, type InstalledMem } from '../../support/local/installed-mem.ts';
import { readExperiments, track, waitUntilCounted } from '../../support/local/local-client.ts';
import { startLocalSystem, type LocalSystem } from '../../support/local/local-system.ts';
import { poorEnvironment } from '../../support/deploy/packaged.ts';

/** The installed command in a folder where a local system runs. */
describe('the command mem beside npm start', () => {
  let installed: InstalledMem;
  let system: LocalSystem;
  beforeAll(async () => {
    installed = await installMem();
    const folder = join(installed.folder, '.mem');
    mkdirSync(folder);
    system = await startLocalSystem({ folder });
    await Promise.all(
      ['red', 'red', 'blue'].map((variant, i) =>
        track(system.url, { experiment: 'button', variant, event: 'participate', uuid: `seen ${i}` }),
      ),
    );
    await track(system.url, { experiment: 'button', variant: 'red', event: 'clicked', uuid: 'clicked 0' });
    await waitUntilCounted(system.url);
  });
  afterAll(async () => {
    await system.stop();
    installed.remove();
  });

  const mem = (...args: string[]) => installed.mem(args);
  const write = (name: string, content: string) => writeFileSync(join(installed.folder, name), content);

  test('mem visitors forgets one visitor, and counts stay', async () => {
    await Promise.all(
      ['first', 'second'].map((unit) =>
        track(system.url, {
          namespace: 'people',
          experiment: 'privacy',
          variant: 'a',
          event: 'participate',
          uuid: unit,
          unit,
        }),
      ),
    );
    await waitUntilCounted(system.url);
    expect(await mem('visitors', 'forget', 'first', '--namespace', 'alephbet')).toMatchObject({
      code: 0,
      stdout: 'first is not known.\n',
    });
    expect(await mem('visitors', 'forget', 'first')).toMatchObject({
      code: 0,
      stdout: 'first is removed from 1 experiment: privacy (g1) and from 1 row of the event log.\n',
    });
    expect(await mem('visitors', 'forget', 'first', '--json')).toMatchObject({ code: 0, stdout: '[]\n' });
    const report = JSON.parse((await mem('report', 'privacy', '--namespace', 'people', '--json')).stdout) as {
      variants: { participants: number; units: number }[];
    };
    expect(report.variants).toMatchObject([{ participants: 2, units: 2 }]);
  });

  test('the event log agrees with the counters, without who is forgotten and what is deleted', async () => {
    const verified = await mem('log', 'verify', '--counts');
    expect(verified.code).toBe(0);
    expect(verified.stdout).toContain('every row is counted');
    expect((await mem('log', 'export', '--namespace', 'people', '--format', 'ndjson')).stdout).not.toContain(
      '"unit":"first"',
    );
    await mem('experiments', 'delete', 'privacy', '--namespace', 'people', '--yes');
    expect((await mem('log', 'prune')).code).toBe(2);
    expect(await mem('log', 'prune', '--yes')).toMatchObject({
      code: 0,
      stdout: '2 rows of deleted experiments removed from 1 file\n',
    });
    expect((await mem('replay', '--dry-run')).stdout).toContain('No counter differs.');
  });

  describe('mem report', () => {
    test('shows counts and verdicts as text, JSON, CSV and a file', async () => {
      const asText = await mem('report', 'button');
      expect(asText).toMatchObject({ code: 0, stderr: '' });
      expect(asText.stdout).toContain('Participants: blue 1, red 2.');
      expect(asText.stdout).toMatch(/^red +50 % +1\/2/m);
      expect(asText.stdout).not.toContain('\u001b');

      const asJson = JSON.parse((await mem('report', 'button', '--json')).stdout) as {
        variants: { name: string; participants: number }[];
      };
      expect(asJson.variants.map(({ name, participants }) => [name, participants])).toEqual([
        ['blue', 1],
        ['red', 2],
      ]);
      const [header, ...rows] = (await mem('report', 'button', '--csv')).stdout.trim().split('\r\n');
      expect(header?.split(',')).toEqual(expect.arrayContaining(['variant', 'goal']));
      expect(rows).toHaveLength(2);

      expect(await mem('report', 'button', '--html', 'report.html')).toMatchObject({
        code: 0,
        stdout: '',
        stderr: 'report.html is written.\n',
      });
      expect(readFileSync(join(installed.folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
    });

    test('an experiment that nobody knows, or another namespace, is an error', async () => {
      const unknown = await mem('report', 'buton');
      expect(unknown).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('nothing is known of "buton" in the namespace "alephbet"'),
      });
      expect(await mem('report', 'button', '--namespace', 'shop')).toMatchObject({ code: 1 });
      expect(await mem('report', 'button', '--baseline', 'green')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('green'),
      });
      expect(await mem('report', 'button', '--html', 'no/such/folder.html')).toMatchObject({ code: 1, stdout: '' });
    });

    test('a reader that leaves early is no error', async () => {
      const line = `"${process.execPath}" "${installed.program}" report button --json | head -c 1; "${process.execPath}" "${installed.program}" --help | head -n 1`;
      const child = spawn('sh', ['-c', line], { cwd: installed.folder, env: poorEnvironment(installed.folder) });
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      expect({ stdout, stderr }).toEqual({ stdout: '{Usage: mem [options] [command]\n', stderr: '' });
    });
  });

  describe('mem experiments', () => {
    const DEFINITION = {
      baseline: 'red',
      variants: [
        { name: 'red', weight: 2 },
        { name: 'blue', weight: 1 },
      ],
    };

    test('lists what was received', async () => {
      expect((await mem('experiments')).stdout).toMatch(/^button +\w+ +3 /m);
      const listed = JSON.parse((await mem('experiments', 'list', '--json')).stdout) as {
        experiments: { name: string }[];
      };
      expect(listed.experiments.map(({ name }) => name)).toContain('button');
      expect((await mem('experiments', '--csv')).stdout).toContain('button');
    });

    test('applies a YAML file, shows it as it could be applied, and takes that as JSON, too', async () => {
      write(
        'experiments.yaml',
        'experiments:\n  - name: button\n    baseline: red\n    variants: [{ name: red, weight: 2 }, { name: blue, weight: 1 }]\n',
      );
      expect(await mem('experiments', 'apply', 'experiments.yaml', '--dry-run')).toMatchObject({
        code: 0,
        stdout: 'button is right.\n',
      });
      expect(await mem('experiments', 'show', 'button')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('has no definition'),
      });
      expect(await mem('experiments', 'apply', 'experiments.yaml')).toMatchObject({
        code: 0,
        stdout: 'button is written.\n',
      });

      const shown = await mem('experiments', 'show', 'button');
      expect(parse(shown.stdout)).toMatchObject({
        experiments: [{ namespace: 'alephbet', name: 'button', ...DEFINITION }],
      });
      write('experiments.json', JSON.stringify(parse(shown.stdout)).replace('"button"', '"button 2"'));
      expect(await mem('experiments', 'apply', 'experiments.json', '--json')).toMatchObject({
        code: 0,
        stdout: '{"namespace":"alephbet","name":"button 2","written":true}\n',
      });
      expect(JSON.parse((await mem('experiments', 'show', 'button 2', '--json')).stdout)).toMatchObject(DEFINITION);
    });

    test('names every fault of a file, and writes nothing of it', async () => {
      write(
        'faulty.yaml',
        [
          'experiments:',
          '  - name: good',
          '  - name: odd',
          '    colour: red',
          '    variants: [{ name: a, weight: -1 }]',
          '  - hypothesis: 3',
        ].join('\n'),
      );
      const { code, stdout, stderr } = await mem('experiments', 'apply', 'faulty.yaml');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      for (const fault of [
        'faulty.yaml: nothing is written',
        'experiments[1]: odd',
        '"colour"',
        'at least 2 entries',
        'variants[0].weight',
        'experiments[2]: expected a name',
      ]) {
        expect(stderr).toContain(fault);
      }
      expect(await mem('experiments', 'show', 'good')).toMatchObject({ code: 1 });
    });

    test.each([
      ['missing.yaml', undefined, 'there is no such file'],
      ['broken.yaml', 'experiments:\n  - name: [\n', 'at line'],
      ['broken.json', '{"experiments": [', 'at line'],
      ['other.yaml', 'variants: []', 'expected a list under `experiments`'],
      ['twice.yaml', 'experiments: [{ name: a }, { name: a }]', 'is there twice'],
    ])('%s is refused with a reason', async (name, content, reason) => {
      if (content !== undefined) write(name, content);
      const { code, stdout, stderr } = await mem('experiments', 'apply', name);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`mem: ${name}: `);
      expect(stderr).toContain(reason);
      expect(stderr).not.toMatch(/^ {4}at /m);
    });

    test('forgets an experiment when it is said twice', async () => {
      await track(system.url, { experiment: 'old', variant: 'a', event: 'participate', uuid: 'old' });
      await waitUntilCounted(system.url);
      expect(await mem('experiments', 'delete', 'odl', '--yes')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('nothing is known of "odl"'),
      });
      expect(await mem('experiments', 'delete', 'old')).toMatchObject({ code: 2 });
      expect(await mem('experiments', 'delete', 'old', '--yes')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('old is deleted'),
      });
      expect((await readExperiments(system.url)).map(({ experiment }) => experiment)).not.toContain('old');
    });
  });

  test('mem keys makes a key, lists it by its digest, and revokes it', async () => {
    const { stdout, stderr } = await mem('keys', 'add');
    const key = stdout.trim();
    expect(stderr).toMatch(/^It may read .*is shown this once/);
    const [, digest = ''] = /mem keys remove ([0-9a-f]{12})/.exec(stderr) ?? [];
    const listed = JSON.parse((await mem('keys', 'list', '--json')).stdout) as { digest: string; role: string }[];
    expect(listed.find((known) => known.digest.startsWith(digest))?.role).toBe('read');
    expect(JSON.stringify(listed)).not.toContain(key);
    expect(hash('sha256', key, 'hex')).toMatch(new RegExp(`^${digest}`));
    expect(await mem('keys', 'remove', 'ffffffffffffffffff')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mem keys shows them'),
    });
    expect(await mem('keys', 'remove', '')).toMatchObject({ code: 1 });
    expect(await mem('keys', 'remove', digest)).toMatchObject({ code: 0, stdout: `${digest} is revoked.\n` });
    expect((await mem('keys')).stdout).not.toContain(digest);
  });

  test('mem generations shows the one that is served, and does not remove what is not there', async () => {
    const listed = JSON.parse((await mem('generations', '--json')).stdout) as { generation: string; served: boolean }[];
    expect(listed).toEqual([expect.objectContaining({ generation: 'g1', served: true })]);
    expect(await mem('generations', 'remove', 'g9')).toMatchObject({
      code: 1,
      stderr: 'mem: g9: expected one of g1\n',
    });
    expect(await mem('generations', 'remove', 'g1')).toMatchObject({ code: 1 });
  });

  test('mem simulate and mem replay work on it', async () => {
    const simulated = await mem('simulate', 'demo', '--visitors', '200', '--segment', 'platform=ios', '--json');
    expect(JSON.parse(simulated.stdout)).toMatchObject({ expected: [{ variant: 'control' }, { variant: 'blue' }] });
    await waitUntilCounted(system.url);
    const { stdout } = await mem('report', 'demo', '--json');
    const { variants } = JSON.parse(stdout) as { variants: { participants: number }[] };
    expect(variants.reduce((sum, { participants }) => sum + participants, 0)).toBe(200);
    expect(await mem('report', 'demo', '--segment', 'platform=ios')).toMatchObject({ code: 0 });
    expect(await mem('report', 'demo', '--segment', 'platform=tv')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('expected platform=ios'),
    });
    const replayed = await mem('replay', '--dry-run', '--json');
    expect(JSON.parse(replayed.stdout)).toMatchObject({ outcome: 'dry run', differences: [] });
  });

  test('mem dashboard and mem snippet know where it is', async () => {
    expect(await mem('dashboard', '--print')).toEqual({ code: 0, stdout: `${system.url}/\n`, stderr: '' });
    expect((await mem('dashboard', '--print', '--namespace', 'a b')).stdout).toBe(`${system.url}/?namespace=a+b\n`);
    expect((await mem('snippet')).stdout).toContain(`AlephbetAdapter("${system.url}/track", "alephbet")`);
  });

  test('mem preflight looks at it where nothing is said about AWS', async () => {
    const { code, stdout } = await mem('preflight', '--json');
    const { of, findings } = JSON.parse(stdout) as { of: string; findings: { check: string; status: string }[] };
    expect({ code, of }).toEqual({ code: 0, of: 'the local system' });
    expect(findings.map(({ check, status }) => `${check}: ${status}`)).toEqual([
      ...[
        'configuration: ok',
        'Node: ok',
        'Redis: ok',
        'Redis eviction: ok',
        'Redis durability: ok',
        'Redis encryption: ok',
        'Redis cluster mode: ok',
      ],
      'tables: ok',
    ]);
    expect((await mem('preflight')).stdout).toMatch(/^Preflight for the local system:\n[^]*\nNo problems\.\n$/);
  });

  test('a system whose file is there and that does not run is told in a few lines', async () => {
    const settings = JSON.parse(readFileSync(join(installed.folder, '.mem', 'system.json'), 'utf8')) as Record<
      string,
      string
    >;
    write('gone.json', JSON.stringify({ ...settings, REDIS_URL: 'redis://127.0.0.1:1' }));
    const { code, stdout, stderr } = await mem('--system', 'gone.json', 'experiments');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr.split('\n').length).toBeLessThanOrEqual(4);
    rmSync(join(installed.folder, 'gone.json'));
  });
});
