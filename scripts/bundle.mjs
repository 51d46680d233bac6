// How a TypeScript program becomes one file for Node: packages stay outside, Lua scripts are texts.
import { buildSync } from 'esbuild';

/** @type {import('esbuild').BuildOptions} */
export const settings = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  loader: { '.lua': 'text' },
  logLevel: 'warning',
};

/** @returns {import('esbuild').BuildResult<{ write: false }>} */
export function bundle(entry, outfile, options = {}) {
  return buildSync({ ...settings, entryPoints: [entry], outfile, ...options });
}
