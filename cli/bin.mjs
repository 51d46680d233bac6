#!/usr/bin/env node
// The command of the package. An installation brings it built; a checkout runs its sources, whatever has been built there.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sources = new URL('../scripts/run-typescript.mjs', import.meta.url);
if (existsSync(sources)) {
  process.argv.splice(2, 0, fileURLToPath(new URL('mem.ts', import.meta.url)));
  await import(sources.href);
} else {
  await import('../dist/mem.cjs');
}
