// How a TypeScript program becomes one file for Node: packages stay outside, Lua scripts are texts.
import { buildSync } from 'esbuild';

/** @returns {import('esbuild').BuildResult<{ write: false }>} */
export function bundle(entry, outfile, options = {}) {
  return buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    loader: { '.lua': 'text' },
    logLevel: 'warning',
    ...options,
  });
}
