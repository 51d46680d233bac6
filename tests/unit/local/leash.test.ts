import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, describe, expect, test } from '@jest/globals';
import { alive } from '../../support/local/processes.ts';
import { waitUntil } from '../../support/wait-until.ts';

let group = 0;
afterEach(() => {
  if (alive([group]).length > 0) process.kill(-group, 'SIGKILL');
});

describe('a process group on a leash', () => {
  test('ends with the process that holds it, also when that is killed', async () => {
    expect(runHolder(`leash(${startGroup()}); process.kill(process.pid, 'SIGKILL');`)).toBe('SIGKILL');
    await waitUntil('the group has ended', () => alive([group]).length === 0);
  });

  test('that was let go stays', async () => {
    expect(runHolder(`leash(${startGroup()})();`)).toBeNull();
    const later = spawn('sh', ['-c', 'exit 0']);
    await once(later, 'exit');
    expect(alive([group])).toEqual([group]);
  });
});

function startGroup(): number {
  group = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' }).pid ?? 0;
  return group;
}

/** Runs these lines in a process of its own. @returns the signal that ended it */
function runHolder(lines: string): NodeJS.Signals | null {
  const contents = `import { leash } from './tests/support/local/leash.ts';\n${lines}`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: resolve(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    write: false,
  });
  return spawnSync(process.execPath, ['-e', outputFiles[0]?.text ?? '']).signal;
}
