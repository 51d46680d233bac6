// Bundles a TypeScript program with esbuild and runs it: node scripts/run-typescript.mjs FILE [ARGUMENTS…]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const [entry, ...args] = process.argv.slice(2);
if (!entry) {
  console.error('Expected a TypeScript file to run, got none.');
  process.exit(2);
}

// Packages are found from there, wherever the program is run.
const folder = mkdtempSync(join(fileURLToPath(new URL('../node_modules', import.meta.url)), '.mem-run-'));
const outfile = join(folder, 'program.cjs');
bundle(entry, outfile, { sourcemap: 'inline' });

const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...args], {
  stdio: 'inherit',
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...process.env },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(signal ? 1 : (code ?? 1));
});
