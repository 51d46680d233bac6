'use strict';
// Builds the page: one script and one style sheet, each named after its content, and the HTML that names them.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { extname, join } = require('node:path');
const { buildSync } = require('esbuild');

const types = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

/** @returns {import('./page.html').PageFiles} */
function buildPage() {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'main.tsx')],
    outdir: '/',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const built = outputFiles.map(({ path, text }) => toAsset(extname(path), text));
  const assets = [...built, toAsset('.svg', readFileSync(join(__dirname, 'icon.svg'), 'utf8'))];
  const named = (type) => `assets/${assets.find(({ name }) => name.endsWith(type)).name}`;
  const html = readFileSync(join(__dirname, 'page.html'), 'utf8')
    .replace('{{script}}', named('.js'))
    .replace('{{style}}', named('.css'))
    .replace('{{icon}}', named('.svg'));
  return { html, assets };
}

function toAsset(extension, body) {
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { name: `${digest}${extension}`, type: types[extension], body };
}

module.exports = { buildPage };
