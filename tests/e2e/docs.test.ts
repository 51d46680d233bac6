import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { bin, scripts } from '../../package.json';
import { readJson, waitUntilCounted } from '../support/local/local-client.ts';
import { startLocalSystem, type LocalSystem } from '../support/local/local-system.ts';

jest.setTimeout(300_000); // on a busy machine

const run = promisify(execFile);

/** The commands of a page's shell blocks, in order, as they stand; what is quoted over several lines is one. */
function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^ *```(\w*)\n([^]*?)^ *```/gm)]
    .filter(([, language = '']) => ['', 'sh'].includes(language))
    .map(([, , block = '']) => block);
  return blocks.flatMap((block) => block.match(/(?:'[^']*'|[^'\n])+/g) ?? []).map((command) => command.trim());
}

const needsAws = (command: string) => /--stage|mem-ab (configure|deploy)|^aws /.test(command);
const npmOf = (command: string) => [...command.matchAll(/\bnpm (?:run )?([\w:]+)/g)].map(([, name = '']) => name);

let system: LocalSystem;
/** The folder in which a reader types: `npx` finds the command of the checkout there, and the command finds `.mem`. */
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mem-docs-'));
  mkdirSync(join(folder, '.mem'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(resolve(bin['mem-ab']), join(folder, 'node_modules/.bin/mem-ab'));
  // npm's own takes as long as the command: tests/e2e/cli/package.test.ts runs that, in a checkout and an installation.
  writeFileSync(join(folder, 'npx'), '#!/bin/sh\ncommand=$1; shift; exec "./node_modules/.bin/$command" "$@"\n', {
    mode: 0o755,
  });
  system = await startLocalSystem({ folder: join(folder, '.mem') });
});
afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

const typed = async (command: string): Promise<string> =>
  (
    await run('sh', ['-c', command.replaceAll('127.0.0.1:3000', `127.0.0.1:${system.port}`)], {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` },
    })
  ).stdout;

/** Those that only show commands for AWS are checked by tests/unit/docs-commands.test.ts. */
const PAGES = ['README.md', 'docs/quickstart.md', 'docs/operations.md'];

describe.each(PAGES)('the commands of %s', (page) => {
  const commands = commandsOf(page);
  const local = commands.filter((command) => !needsAws(command) && npmOf(command).length === 0);

  test('work on the local system as they are written', async () => {
    expect(local.length).toBeGreaterThan(0);
    for (const command of local) {
      const said = await typed(command);
      expect(said).not.toMatch(/"error"|"rejected"|"status":4/);
      await waitUntilCounted(system.url);
    }
  });

  test('of npm are there', () => {
    for (const name of commands.flatMap(npmOf)) expect(['ci', ...Object.keys(scripts)]).toContain(name);
  });
});

test('the quick start ends with a winner, however often its visitors come', async () => {
  const { variants } = await readJson<{ variants: { variant: string; participants: number }[] }>(
    `${system.url}/v1/experiment?experiment=demo`,
  );
  const participants = variants.reduce((sum, variant) => sum + variant.participants, 0);
  expect(participants).toBe(6000);
  expect(await typed('npx mem-ab report demo')).toMatch(/winning/i);
});
