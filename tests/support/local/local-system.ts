import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePorts } from '../../../local/free-ports.ts';
import { leash } from './leash.ts';
import { alive, processTree, signal } from './processes.ts';
import { waitUntil } from '../wait-until.ts';

/** The whole system as `npm start` brings it up, in processes of its own. */
export interface LocalSystem {
  /** `http://127.0.0.1:…` */
  url: string;
  port: number;
  /** All that it has said so far, but for the log of requests in the middle. */
  output: () => string;
  /** The processes that it consists of now. */
  pids: () => number[];
  /** Ctrl-C in its terminal; resolves when no process of it is left. */
  stop: () => Promise<void>;
  /** `kill -9` of the process that keeps the others; resolves when no process of it is left. */
  kill: () => Promise<void>;
}

export interface LocalSystemOptions {
  /** Where it keeps its data; it must exist. */
  folder: string;
  /** A free one is chosen where none is given. */
  port?: number;
  fresh?: boolean;
  /** Of which checkout; this one where none is given. */
  root?: string;
  /** Settings, such as MEM_LIMITS. */
  settings?: Record<string, string>;
}

/** A start that has ended. */
export interface EndedStart {
  code: number | null;
  output: string;
}

const PORT_TAKEN = /port \d+ of 127\.0\.0\.1 is in use/;
const STARTS = 5;

/** Starts the system, and resolves when it answers. A port that somebody takes in between is exchanged for another. */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  for (let start = 1; ; start += 1) {
    const port = options.port ?? (await findFreePort());
    const started = await tryToStart({ ...options, port });
    if ('url' in started) return started;
    if (options.port !== undefined || start === STARTS || !PORT_TAKEN.test(started.output)) {
      throw new Error(`npm start ended with ${started.code}: ${started.output}`);
    }
  }
}

/** Starts the system where it cannot start, and resolves when it has ended. */
export async function failToStart(options: LocalSystemOptions & { port: number }): Promise<EndedStart> {
  const started = await tryToStart(options);
  if (!('url' in started)) return started;
  await started.stop();
  throw new Error(`expected that the system cannot start, but it did: ${started.output()}`);
}

export async function findFreePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port;
}

async function tryToStart({
  folder,
  port,
  fresh,
  settings,
  root,
}: LocalSystemOptions & { port: number }): Promise<LocalSystem | EndedStart> {
  const args = ['--port', String(port), '--data', folder, ...(fresh ? ['--fresh'] : [])];
  // A process group of its own: a signal to the group is what Ctrl-C in a terminal is.
  const npm = spawn('npm', ['start', '--', ...args], {
    ...(root !== undefined && { cwd: root }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(folder), ...settings },
  });
  const group = npm.pid ?? 0;
  const output = collectOutput(npm);
  const letGo = leash(group);

  const url = `http://127.0.0.1:${port}`;
  await waitUntil(
    `npm start answers on ${url}`,
    async () => npm.exitCode !== null || (output().includes('Mem is up.') && (await fetch(`${url}/health`)).ok),
    120,
  ).catch((error: unknown) => {
    signal(-group, 'SIGTERM');
    throw new Error(output(), { cause: error });
  });
  if (npm.exitCode !== null) {
    letGo();
    return { code: npm.exitCode, output: output() };
  }

  const pids = () => processTree(group);
  const end = async (target: number, how: 'SIGINT' | 'SIGKILL') => {
    const tree = pids();
    signal(target, how);
    await waitUntil(`every process of npm start has ended after ${how}`, () => alive(tree).length === 0);
    letGo();
  };
  return {
    url,
    port,
    output,
    pids,
    stop: () => end(-group, 'SIGINT'),
    kill: () => end(Number(readFileSync(join(folder, 'lock'), 'utf8')), 'SIGKILL'),
  };
}

const LED_ASTRAY_BY = ['MEM_PORT', 'MEM_DATA', 'MEM_API_KEY', 'LOG_LEVEL'];

/** Ours, without what would make the system another than the test says. What a killed one leaves behind goes with its data. */
function environment(folder: string): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(([name]) => !LED_ASTRAY_BY.includes(name));
  return { ...Object.fromEntries(ours), TMPDIR: folder };
}

/** The beginning and the end of what a process says: between them is a line for each request. */
function collectOutput(child: ChildProcess): () => string {
  const kept = 20_000;
  let beginning = '';
  let end = '';
  const listen = (text: Buffer) => {
    if (beginning.length < kept) beginning += text.toString();
    else end = (end + text.toString()).slice(-kept);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  return () => beginning + end;
}
