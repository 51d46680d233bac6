'use strict';
// For every bundle that has the page inside: importing dashboard/page.html gives the built page (PageFiles).
const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { buildPage } = require('./build-page.cjs');

const pagePlugin = {
  name: 'mem-page',
  setup(build) {
    build.onLoad({ filter: /[\\/]dashboard[\\/]page\.html$/ }, () => ({
      contents: JSON.stringify(buildPage()),
      loader: 'json',
      watchDirs: foldersIn(__dirname),
    }));
  },
};

function foldersIn(folder) {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.map(({ name }) => join(folder, name))];
}

module.exports = [pagePlugin];
