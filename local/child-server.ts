import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:net';

export interface ChildServer {
  port: number;
  process: ChildProcess;
  /** Ends it cleanly, what it holds being on disk. */
  stop: () => Promise<void>;
}

export interface ChildServerOptions {
  /** Where the project lies. */
  root: string;
  name: 'redis' | 'kinesalite' | 'dynalite';
  port: number;
  /** Where it keeps its data. */
  folder: string;
  args?: string[];
}

const START_MS = 20_000;
const STOP_MS = 10_000;

/**
 * Starts one of local/servers in a process of its own, and resolves when it takes connections on 127.0.0.1.
 * @throws Error with what the server said, if it ends or does not answer
 */
export async function startChildServer({ root, name, port, folder, args = [] }: ChildServerOptions): Promise<ChildServer> {
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [join(root, 'local/servers', `${name}.cjs`), String(port), folder, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  const listen = (text: Buffer) => (said = (said + text.toString()).slice(-2_000));
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);

  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const deadline = Date.now() + START_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start on 127.0.0.1:${port}: ${said.trim() || 'it said nothing'}`);
    }
    await sleep(20);
  }
  return {
    port,
    process: child,
    async stop() {
      child.stdin.end();
      await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false })]);
      if (child.exitCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
