// Makes dist/mem.cjs, the command of the package: npm run build
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundle } from './bundle.mjs';

const LOAD_WHEN_USED = `function loadWhenUsed(load) {
  let loaded;
  return new Proxy({}, { get: (_, name) => (loaded ??= load())[name] });
}`;

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

/**
 * Packages are loaded when something of them is used: all of them take half a second, `mem --help` needs one. Lines stay
 * where they are, and the source map right.
 */
function loadWhenUsed(program) {
  const lazy = program.replace(
    /^( *(?:var )?import_\w+ = )((?:__toESM\()?require\("(?!node:)[^"]+"\)\)?);$/gm,
    '$1loadWhenUsed(() => $2);',
  );
  return lazy.replace(/(?=\n\/\/# sourceMappingURL)/, `\n${LOAD_WHEN_USED}`);
}
