'use strict';
// `npm start`: a plugin of `serverless offline` that brings up Redis, a Kinesis and a DynamoDB server beside it.
// This file only hooks in; what it does is TypeScript, bundled when it is needed.
const { mkdirSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, relative } = require('node:path');
const { build, stop } = require('esbuild');

const root = join(__dirname, '..');

// It would be printed at every start on Node 20, where everything works.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

class LocalPlugin {
  constructor(serverless, options) {
    this.commands = {
      offline: {
        commands: {
          start: {
            options: {
              port: { usage: 'HTTP port on 127.0.0.1 (3000)', type: 'string' },
              fresh: { usage: 'Forget everything that was counted, and begin empty', type: 'boolean' },
              data: { usage: 'Folder for what is stored (.mem)', type: 'string' },
            },
          },
        },
      },
    };
    if (serverless.processedInput.commands[0] === 'offline') buildApart(serverless);
    this.hooks = {
      'before:offline:start:init': async () => {
        const { startForOffline } = await loadTypeScript('local/offline.ts');
        this.local = await startForOffline({ serverless, options, root });
      },
      'before:offline:start:ready': () => this.local.deliver(),
      'before:offline:start:end': () => this.local.stop(),
    };
  }
}

/** Functions are built into a folder of this process: several systems may run from one checkout, or it be packaged. */
function buildApart(serverless) {
  const folder = mkdtempSync(join(tmpdir(), 'mem-build-'));
  process.on('exit', () => {
    void stop(); // else esbuild's own process may notice our end in the middle of a question, and print its stack
    rmSync(folder, { recursive: true, force: true });
  });
  serverless.service.custom.esbuild.outputWorkFolder = relative(root, folder);
}

async function loadTypeScript(file) {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const outdir = mkdtempSync(join(cache, 'mem-')); // in node_modules, so that the packages are found from there
  try {
    const outfile = join(outdir, 'offline.cjs');
    await build({
      entryPoints: [join(root, file)],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      packages: 'external',
      loader: { '.lua': 'text' },
      sourcemap: 'inline',
      logLevel: 'warning',
    });
    return require(outfile);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

module.exports = LocalPlugin;
