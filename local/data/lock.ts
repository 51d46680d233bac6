import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** How long the holder of a lock is waited for, ms. One that is suspended holds it all the same. */
const ANSWER_MS = 1_000;

/**
 * Takes a data folder for this process, and answers how to give it back. Whether somebody has it is asked of a socket
 * that its holder listens on, and that the kernel closes with the holder: a process id may be anybody's by now. The file
 * `lock` in the folder is a note for people, and for versions that went by it.
 * @throws Error where another process has it: two would spoil each other's data
 */
export async function takeLock(folder: string, address = addressOf(folder)): Promise<() => void> {
  const server = (await listen(address)) ?? (await listenAfterTheDead(address, folder));
  server.unref();
  const note = join(folder, 'lock');
  writeFileSync(note, String(process.pid));
  return () => {
    rmSync(note, { force: true });
    server.close();
  };
}

/** A folder is its inode, whatever path leads there. Linux has sockets without a file; elsewhere one may be left behind. */
function addressOf(folder: string): string {
  const { dev, ino } = statSync(folder);
  const name = `mem-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32)}`;
  return process.platform === 'linux' ? `\0${name}` : join('/tmp', name);
}

async function listenAfterTheDead(address: string, folder: string): Promise<Server> {
  const holder = await askHolder(address);
  if (holder === undefined) rmSync(address, { force: true }); // a file that a killed process has left behind
  const server = holder === undefined ? await listen(address) : undefined;
  if (server) return server;
  throw new Error(
    `${holder ?? 'another process'} runs on ${folder} already; stop it, or give another folder with --data.`,
  );
}

/** @returns undefined where somebody listens already, or has */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // who asked has gone
      socket.end(`process ${process.pid}`);
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

/** Who it is, in words; undefined where nobody listens any more. */
function askHolder(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address);
    socket.setTimeout(ANSWER_MS, () => {
      resolve('a process that does not answer');
      socket.destroy();
    });
    socket.on('data', (text) => (answer += text.toString()));
    socket.once('end', () => resolve(answer));
    socket.once('error', () => resolve(undefined));
  });
}
