// Builds the docs site into docs/site/dist: stages the pages, renders the API, checks every link of the result.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLinks } from './check-links.mjs';
import { renderApi } from './render-api.mjs';
import { stagePages } from './stage-pages.mjs';

const site = dirname(fileURLToPath(import.meta.url));
const repository = join(site, '..', '..');
const pages = join(site, 'pages');
const run = (program, ...args) =>
  execFileSync(process.execPath, [join(site, 'node_modules', program), ...args], { cwd: site, stdio: 'inherit' });

rmSync(pages, { recursive: true, force: true });
stagePages({ repository, pages, sources: process.env.DOCS_SOURCES });
renderApi({ contract: join(repository, 'docs/api/openapi.yaml'), page: join(pages, 'api.md') });
run('typedoc/bin/typedoc', '--options', 'typedoc.json');
run('vitepress/bin/vitepress.js', 'build', '.');

const faults = checkLinks(join(site, 'dist'), process.env.DOCS_BASE ?? '/');
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
