// Importing dashboard/page.html gives the built page, as in the bundles: see dashboard/esbuild-plugin.cjs.
const { createHash } = require('node:crypto');
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { buildPage } = require('../../../dashboard/build-page.cjs');

const dashboard = join(__dirname, '..', '..', '..', 'dashboard');

module.exports = {
  process: () => ({ code: `module.exports = { __esModule: true, default: ${JSON.stringify(buildPage())} };` }),
  // The page is made of all files of its folder, so that each of them makes another page.
  getCacheKey() {
    const digest = createHash('sha1');
    const entries = readdirSync(dashboard, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of entries) digest.update(name).update(readFileSync(join(parentPath, name)));
    return digest.digest('hex');
  },
};
