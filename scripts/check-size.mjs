// The size of what a page loads of the SDK, minified and compressed, against its budget.
import { gzipSync } from 'node:zlib';
import { bundleForBrowsers } from '../sdk/minify.mjs';

/** What a page may import -> the most that it may weigh, in bytes of gzip. */
const budgets = [
  { what: 'everything for a page', code: "export * from './sdk/src/browser.ts'", bytes: 7 * 1024 },
  { what: 'a config that changes', code: "export * from './sdk/src/config.ts'", bytes: 2 * 1024 },
  { what: 'the links between hosts', code: "export * from './sdk/src/link.ts'", bytes: 1.75 * 1024 },
  { what: 'a memory for variants', code: "export * from './sdk/src/sticky.ts'", bytes: 1.5 * 1024 },
  { what: 'defineExperiment', code: "export { defineExperiment } from './sdk/src/browser.ts'", bytes: 2.5 * 1024 },
];

for (const { what, code, bytes } of budgets) {
  const [file] = await bundleForBrowsers({ stdin: { contents: code, resolveDir: '.', loader: 'ts' } });
  const size = gzipSync(file.code, { level: 9 }).length;
  console.log(`${what}: ${size} bytes gzip, of at most ${bytes}`);
  if (size > bytes) process.exitCode = 1;
}
