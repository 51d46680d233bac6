// Holds a system of this machine against docs/api/openapi.yaml: npm run schemathesis [-- --max-examples 20]
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findFreePorts } from '../local/free-ports.ts';

const PACKAGE = 'schemathesis==4.32.5';
const STARTS_WITHIN_MS = 60_000;

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const program = await installProgram();
  const [port = 0] = await findFreePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'mem-schemathesis-'));
  const system = spawn(process.execPath, ['local/start.mjs', '--data', folder, '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((ends) => system.once('exit', ends));
  try {
    await waitFor(`http://127.0.0.1:${port}/health`);
    process.exitCode = await check(program, port);
  } finally {
    system.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Once, into a virtual environment of its own. */
async function installProgram(): Promise<string> {
  const folder = resolve(`node_modules/.cache/mem/python-${PACKAGE}`);
  const programs = join(folder, 'bin');
  if (!existsSync(join(programs, 'schemathesis'))) {
    await promisify(execFile)('python3', ['-m', 'venv', folder]);
    await promisify(execFile)(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', PACKAGE]);
  }
  return join(programs, 'schemathesis');
}

async function waitFor(url: string): Promise<void> {
  const deadline = Date.now() + STARTS_WITHIN_MS;
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error(`expected an answer of ${url} within a minute, got none`);
    await sleep(200);
  }
}

/** @returns its exit code: 0 where no phase found a failure */
async function check(program: string, port: number): Promise<number> {
  const settings = ['--config-file', 'docs/api/schemathesis.toml', 'run', 'docs/api/openapi.yaml'];
  const target = ['--url', `http://127.0.0.1:${port}`, '--header', 'x-api-key: local'];
  const child = spawn(program, [...settings, ...target, ...process.argv.slice(2)], { stdio: 'inherit' });
  return new Promise((ends) => child.once('exit', (code) => ends(code ?? 1)));
}
