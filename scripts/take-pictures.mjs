// Runs tests/e2e/pictures.ts, which has the built page inside: that needs a plugin, so an asynchronous build.
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import plugins from '../dashboard/esbuild-plugin.cjs';

const outfile = resolve('node_modules/.mem-pictures.cjs');
await build({
  entryPoints: ['tests/e2e/pictures.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  loader: { '.lua': 'text' },
  plugins,
  logLevel: 'warning',
});
try {
  const { default: pictures } = await import(pathToFileURL(outfile).href);
  await pictures.takePictures('docs/images');
} finally {
  rmSync(outfile, { force: true });
}
