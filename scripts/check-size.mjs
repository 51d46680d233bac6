// The size of what a page loads of the SDK, minified and compressed, against its budget.
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

/** What a page may import -> the most that it may weigh, in bytes of gzip. */
const budgets = [
  { what: 'everything for a page', code: "export * from './sdk/src/browser.ts'", bytes: 8 * 1024 },
  { what: 'the links between hosts', code: "export * from './sdk/src/link.ts'", bytes: 1.75 * 1024 },
  { what: 'defineExperiment', code: "export { defineExperiment } from './sdk/src/browser.ts'", bytes: 2.5 * 1024 },
];

function sizeOf(contents) {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: '.', loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2020',
    write: false,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

for (const { what, code, bytes } of budgets) {
  const size = sizeOf(code);
  console.log(`${what}: ${size} bytes gzip, of at most ${bytes}`);
  if (size > bytes) process.exitCode = 1;
}
