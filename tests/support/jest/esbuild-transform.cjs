// Jest asks for each file as CommonJS text: esbuild strips the types, and hands a Lua script over as a string.
const { createHash } = require('node:crypto');
const { extname } = require('node:path');
const { transformSync, version } = require('esbuild');

const loaders = { '.ts': 'ts', '.tsx': 'tsx', '.mjs': 'js', '.js': 'js', '.lua': 'text' };

module.exports = {
  process(source, path) {
    const loader = loaders[extname(path)];
    return transformSync(source, {
      loader,
      format: 'cjs',
      target: 'node20',
      supported: { 'dynamic-import': false }, // jest takes require() only: import() becomes that
      sourcefile: path,
      sourcemap: 'inline',
      jsx: 'automatic',
      jsxImportSource: 'preact',
    });
  },
  getCacheKey(source, path) {
    return createHash('sha1').update(`${version}\0${path}\0${source}`).digest('hex');
  },
};
