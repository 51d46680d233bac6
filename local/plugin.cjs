'use strict';
// `npm start`: a plugin of `serverless offline` that brings up Redis, a Kinesis and a DynamoDB server beside it.
// This file only hooks in; what it does is TypeScript, bundled when it is needed.
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');

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
    this.hooks = {
      'before:offline:start:init': async () => {
        const { startForOffline } = loadTypeScript('local/offline.ts');
        this.local = await startForOffline({ serverless, options, root });
      },
      'before:offline:start:ready': () => this.local.deliver(),
      'before:offline:start:end': () => this.local.stop(),
    };
  }
}

function loadTypeScript(file) {
  const { buildSync } = require('esbuild');
  const outdir = join(root, 'node_modules', '.cache', 'mem');
  mkdirSync(outdir, { recursive: true });
  const outfile = join(outdir, 'offline.cjs');
  buildSync({
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
}

module.exports = LocalPlugin;
