// The programs of `npm start`, built when their sources have changed: the local system, and the functions that it runs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What goes into the bundles, and what says how they are made. */
export const SOURCES = ['dashboard', 'deploy', 'functions', 'local', 'scripts', 'shared', 'stats'];
const THIS_FILE = fileURLToPath(import.meta.url);
const MORE_SOURCES = ['package-lock.json', 'serverless.yml'];
const FORGET_AFTER_MS = 24 * 60 * 60 * 1_000;

/**
 * Answers the folder of the built programs: `local/system.cjs` and `functions/…/handler.cjs` lie in there as their
 * sources in the project. Built sources are kept in node_modules, from where packages are found.
 * @param {string} root where the project lies
 */
export function buildOnce(root) {
  const cache = join(root, 'node_modules', '.cache', 'mem');
  const folder = join(cache, digestOf(root));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  forgetOld(cache);
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  // In a process of its own: nothing that esbuild has read or started stays beside the system.
  execFileSync(process.execPath, [THIS_FILE, root, unfinished], { stdio: 'inherit' });
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // else another start has built the same meanwhile
  }
  return folder;
}

async function build(root, outdir) {
  const [esbuild, { settings }] = await Promise.all([import('esbuild'), import('../scripts/bundle.mjs')]);
  const handlers = readdirSync(join(root, 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `functions/${name}/handler.ts`);
  await esbuild.build({
    ...settings,
    absWorkingDir: root,
    entryPoints: ['local/system.ts', ...handlers],
    outbase: root,
    outdir,
    outExtension: { '.js': '.cjs' },
    sourcemap: 'linked',
    plugins: createRequire(import.meta.url)('../dashboard/esbuild-plugin.cjs'),
  });
  await esbuild.stop();
}

function digestOf(root) {
  const digest = createHash('sha256');
  const files = SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  for (const path of [...files.sort(), ...MORE_SOURCES.map((file) => join(root, file))]) {
    digest.update(path.slice(root.length)).update(readFileSync(path));
  }
  return digest.digest('hex').slice(0, 32);
}

/** What was built from older sources; not what another start may be about to load. */
function forgetOld(cache) {
  for (const name of readdirSync(cache)) {
    const age = Date.now() - statSync(join(cache, name)).mtimeMs;
    if (age > FORGET_AFTER_MS) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

if (process.argv[1] === THIS_FILE) {
  const [root, outdir] = process.argv.slice(2);
  await build(root, outdir);
}
