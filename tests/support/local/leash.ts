import { spawn } from 'node:child_process';

/** Told nothing before its input ends, it asks the group to end. (dash takes no other form of this kill.) */
const PROGRAM = 'read -r answer || kill -s TERM -- "-$1"';

/**
 * Asks a process group to end when we do, however that comes about: a test that takes too long is killed.
 * @returns what to call when the group has ended by itself, since its number may be another's later
 */
export function leash(group: number): () => void {
  const holder = spawn('sh', ['-c', PROGRAM, 'leash', String(group)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  holder.unref();
  holder.stdin.on('error', () => undefined); // it has ended with the group
  return () => holder.stdin.end('let go\n');
}
