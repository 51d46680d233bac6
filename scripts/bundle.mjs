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

const LOAD_WHEN_USED = `function loadWhenUsed(load) {
  let loaded;
  return new Proxy({}, { get: (_, name) => (loaded ??= load())[name] });
}`;

/**
 * Packages are loaded when something of them is used: all of them take half a second, `mem --help` needs one. Lines stay
 * where they are, and the source map right.
 */
export function loadWhenUsed(program) {
  const lazy = program.replace(
    /^( *(?:var )?import_\w+ = )((?:__toESM\()?require\("(?!node:)[^"]+"\)\)?);$/gm,
    '$1loadWhenUsed(() => $2);',
  );
  return lazy.replace(/(?=\n\/\/# sourceMappingURL)/, `\n${LOAD_WHEN_USED}`);
}
