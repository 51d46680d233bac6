import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildServer {
  port: number;
  /** Its process now: another one after it was started again. */
  pid: () => number;
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
  /** Told in one line when the server ended by itself and is started again on the same data. */
  say: (line: string) => void;
}

const START_MS = 20_000;
const STOP_MS = 10_000;
const RESTART_PAUSE_MS = 200;
/** LevelDB's own lock, which the kernel keeps: of a server that is about to end with the system that was killed. */
const LOCKED = /Resource temporarily unavailable|already held by process/;

/**
 * Starts one of local/servers in a process of its own, and resolves when it takes connections on 127.0.0.1. If it ends
 * later without being stopped, it is started again, as a managed service would be.
 * @throws Error with what the server said, if it ends or does not answer
 */
export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  mkdirSync(options.folder, { recursive: true });
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let server = await startWhenUnlocked(options);
  const supervision = supervise();

  async function supervise(): Promise<void> {
    for (;;) {
      await server.exited;
      if (isStopping()) return;
      options.say(`${options.name} ended by itself: starting it again.`);
      await sleep(RESTART_PAUSE_MS);
      try {
        server = await startOnce(options);
        if (isStopping()) server.child.stdin?.end(); // it was stopped while it started
      } catch (error) {
        options.say(String(error)); // the old one has ended still: it is tried again
      }
    }
  }

  return {
    port: options.port,
    pid: () => server.child.pid ?? 0,
    async stop() {
      stopping.abort();
      server.child.stdin?.end();
      await Promise.race([server.exited, sleep(STOP_MS, undefined, { ref: false })]);
      if (!hasEnded(server.child)) server.child.kill('SIGKILL');
      await supervision;
    },
  };
}

/** @throws Error where somebody else has the folder, and keeps it */
async function startWhenUnlocked(options: ChildServerOptions): Promise<Started> {
  const deadline = Date.now() + STOP_MS;
  for (;;) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (!LOCKED.test(String(error))) throw error;
      if (Date.now() > deadline) {
        throw new Error(`another process has ${options.folder}; stop it, or give another folder with --data.`, {
          cause: error,
        });
      }
      await sleep(RESTART_PAUSE_MS);
    }
  }
}

interface Started {
  child: ChildProcess;
  exited: Promise<void>;
}

async function startOnce({ root, name, port, folder, args = [] }: ChildServerOptions): Promise<Started> {
  const [command, program] = name === 'redis' ? ['sh', 'redis.sh'] : [process.execPath, `${name}.cjs`];
  const child = spawn(command, [join(root, 'local/servers', program), String(port), folder, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: name === 'redis', // a Redis that hears Ctrl-C would stop before the consumer is done
  });
  let said = '';
  const listen = (text: Buffer) => (said = (said + text.toString()).slice(-2_000));
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  child.stdin.on('error', () => undefined); // it has ended: there is nobody to tell

  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (name === 'redis') void exited.then(() => killGroup(child));
  const deadline = Date.now() + START_MS;
  while (!(await answers(port))) {
    if (hasEnded(child) || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start on 127.0.0.1:${port}: ${said.trim() || 'it said nothing'}`);
    }
    await sleep(20);
  }
  return { child, exited };
}

/** A shell that was killed leaves its Redis behind, and the next one would write into the same files. */
function killGroup({ pid = 0 }: ChildProcess): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the shell was the last one of it
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
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
