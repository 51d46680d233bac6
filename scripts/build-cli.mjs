// Makes dist/mem.cjs, the command of the package: npm run build
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundle, loadWhenUsed } from './bundle.mjs';

const banner = { js: '#!/usr/bin/env node' };
const { outputFiles } = bundle('cli/mem.ts', 'dist/mem.cjs', {
  banner,
  sourcemap: 'linked',
  sourcesContent: false,
  write: false,
});
for (const { path, contents, text } of outputFiles) {
  const unfinished = `${path}.${process.pid}`; // who runs the command meanwhile finds the old file or the new one, whole
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(unfinished, path.endsWith('.cjs') ? loadWhenUsed(text) : contents, { mode: 0o755 });
  renameSync(unfinished, path);
}
