// Builds what is published: dist/esm and dist/cjs, with a file and its declaration for each of src, so that bundlers
// can leave out what a page does not use; in dist/esm the entries for pages, bundled and minified together; dist/mem.min.js,
// one module for pages without a bundler; and a folder for each entry, which leads those who do not know `exports` (webpack 4, Jest 27, TypeScript's node10) to dist/cjs.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleForBrowsers, target } from './minify.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = (...parts) => join(root, ...parts);
// What webpack 4 can parse.
const targetOf = { esm: target, cjs: 'es2019' };

const listFiles = (folder, ending) =>
  readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));

/** Keeps every import outside, under the name that the file will have. */
const keepImports = {
  name: 'keep-imports',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.{1,2}\// }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    );
  },
};

const buildModules = async (format, type) => {
  const outdir = at('dist', format);
  await build({
    entryPoints: listFiles(at('src'), '.ts'),
    outdir,
    format,
    target: targetOf[format],
    bundle: true,
    packages: 'external',
    plugins: [keepImports],
    logLevel: 'warning',
  });
  // Tells Node and TypeScript what this folder's .js files are.
  writeFileSync(join(outdir, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`);
};

const pageEntries = ['browser', 'config', 'link', 'sticky'];

/** What pages load, in place of the modules of these names. */
const buildForPages = async () => {
  const files = await Promise.all([
    bundleForBrowsers({
      entryPoints: pageEntries.map((entry) => at('src', `${entry}.ts`)),
      outdir: at('dist/esm'),
      splitting: true,
      packages: 'external',
    }),
    bundleForBrowsers({ entryPoints: [at('src/browser.ts')], outfile: at('dist/mem.min.js') }),
  ]);
  for (const { path, code } of files.flat()) writeFileSync(path, code);
};

/** The same declarations for both: what they mean hangs on the folder's package.json. */
const buildDeclarations = () => {
  const compiler = createRequire(import.meta.url).resolve('typescript-7/package.json');
  execFileSync(
    process.execPath,
    [join(dirname(compiler), 'bin/tsc'), '-p', at('tsconfig.build.json'), '--outDir', at('dist/esm')],
    {
      stdio: 'inherit',
    },
  );

  for (const file of listFiles(at('dist/esm'), '.d.ts')) {
    writeFileSync(file, readFileSync(file, 'utf8').replace(/(from '\.[^']*)\.ts'/g, "$1.js'"));
    cpSync(file, file.replace(at('dist/esm'), at('dist/cjs')));
  }
};

const buildFolders = () => {
  for (const entry of [...pageEntries, 'node', 'openfeature', 'testing']) {
    mkdirSync(at(entry), { recursive: true });
    const file = `../dist/cjs/${entry}`;
    writeFileSync(at(entry, 'package.json'), `${JSON.stringify({ main: `${file}.js`, types: `${file}.d.ts` })}\n`);
  }
};

rmSync(at('dist'), { recursive: true, force: true });
await Promise.all([buildModules('esm', 'module'), buildModules('cjs', 'commonjs')]);
await buildForPages();
buildDeclarations();
buildFolders();
