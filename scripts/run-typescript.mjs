// Bundles a TypeScript program with esbuild and runs it: node scripts/run-typescript.mjs FILE [ARGUMENTS…]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Without the sources themselves, which are there: it is read at every start. */
const MAP = { sourcemap: 'inline', sourcesContent: false };

const [entry, ...args] = process.argv.slice(2);
if (!entry) {
  console.error('Expected a TypeScript file to run, got none.');
  process.exit(2);
}

const child = spawn(process.execPath, ['--enable-source-maps', await buildOnce(resolve(entry)), ...args], {
  stdio: 'inherit',
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...process.env },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));

/** Answers the program, built where one of the files that it is made of is not as it was. Packages are found from there. */
async function buildOnce(source) {
  const cache = fileURLToPath(new URL('../node_modules/.cache/mem-run', import.meta.url));
  const name = join(cache, createHash('sha256').update(source).digest('hex').slice(0, 16));
  const [program, record] = [`${name}.cjs`, `${name}.json`];
  if (isBuiltOf(record, program)) return program;
  const { bundle, loadWhenUsed } = await import('./bundle.mjs');
  const began = Date.now();
  const { metafile, outputFiles } = bundle(source, program, { ...MAP, metafile: true, write: false });
  mkdirSync(cache, { recursive: true });
  writeWhole(program, loadWhenUsed(outputFiles[0].text));
  const sources = Object.keys(metafile.inputs).map((path) => resolve(path));
  const isOld = (path) => statSync(path).mtimeMs < began; // else it may have changed since it was read
  if (sources.every(isOld)) writeWhole(record, JSON.stringify(sources.map(stateOf)));
  return program;
}

function isBuiltOf(record, program) {
  if (!existsSync(record) || !existsSync(program)) return false;
  return JSON.parse(readFileSync(record, 'utf8')).every((then) => then === stateOf(then.split('\n')[0]));
}

/** A file, when it was changed, and its length. */
function stateOf(path) {
  const file = statSync(path, { throwIfNoEntry: false });
  return [path, file?.mtimeMs, file?.size].join('\n');
}

/** Who reads it meanwhile finds the old file or the new one. */
function writeWhole(path, contents) {
  writeFileSync(`${path}.${process.pid}`, contents);
  renameSync(`${path}.${process.pid}`, path);
}
