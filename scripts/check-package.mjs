// The SDK as it would be published: whether every resolver finds its entries and their types.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'mem-pack-'));

function run(command, ...given) {
  execFileSync(command, given, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function check(tool, ...given) {
  execFileSync(join('node_modules', '.bin', tool), given, { stdio: 'inherit' });
}

try {
  run(process.execPath, 'sdk/build.mjs');
  const packed = execFileSync('npm', ['pack', './sdk', '--ignore-scripts', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
  });
  const [{ filename }] = JSON.parse(packed);
  const file = join(folder, filename);
  check('publint', 'run', file, '--strict');
  // The page's file is loaded by its address, and has no types.
  check('attw', file, '--exclude-entrypoints', './mem.min.js', '--format', 'ascii');
} catch {
  // The tool has said what is wrong.
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
