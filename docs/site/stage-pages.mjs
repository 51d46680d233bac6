import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, posix } from 'node:path';

/**
 * Copies the repository's Markdown files to where the site has them, and turns their links: to other pages, to the
 * sources on the web, or into plain text where nobody says where the sources are.
 *
 * @param {{ repository: string, pages: string, sources?: string }} options sources: an address that a path is added to
 */
export function stagePages({ repository, pages, sources }) {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: repository,
    encoding: 'utf8',
  });
  const staged = files.split('\n').filter((file) => file !== '' && existsSync(join(repository, file)) && isPage(file));
  for (const file of staged) {
    const target = join(pages, pageOf(file));
    mkdirSync(dirname(target), { recursive: true });
    const text = readFileSync(join(repository, file), 'utf8');
    writeFileSync(target, turnLinks(text, { file, repository, sources, isStaged: (path) => staged.includes(path) }));
  }
  cpSync(join(repository, 'docs/images'), join(pages, 'public/images'), { recursive: true });
  cpSync(join(repository, 'docs/api/openapi.yaml'), join(pages, 'public/openapi.yaml'));
  cpSync(join(repository, 'dashboard/icon.svg'), join(pages, 'public/icon.svg'));
}

const isPage = (file) =>
  !file.startsWith('.github/') && !file.includes('/.changeset/') && !file.startsWith('docs/site/');

/** Where a Markdown file of the repository is on the site. */
function pageOf(file) {
  if (file === 'README.md') return 'index.md';
  if (file === 'docs/adr/README.md') return 'adr/index.md';
  if (basename(file) === 'README.md') return `${dirname(file)}.md`;
  return file.replace(/^docs\//, '').toLowerCase();
}

function turnLinks(text, context) {
  return outsideOfCode(text, (prose) =>
    prose
      .replace(/(?<!!)\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (all, label, link) =>
        turnLink(all, label, link, context),
      )
      .replace(/\b(src|srcset)="docs\/images\//g, '$1="/images/'),
  );
}

function turnLink(all, label, link, { file, repository, sources, isStaged }) {
  if (/^[a-z]+:|^#/.test(link)) return all;
  const [path, anchor] = link.split('#');
  const target = posix.join(posix.dirname(file), path);
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (isStaged(target)) return `[${label}](/${pageOf(target)}${hash})`;
  if (target === 'docs/api/openapi.yaml') return `[${label}](/api.md)`;
  const readme = posix.join(target, 'README.md');
  if (extname(target) === '' && isStaged(readme)) return `[${label}](/${pageOf(readme)}${hash})`;
  if (!existsSync(join(repository, target))) throw new Error(`${file}: expected a file at ${target}, found none`);
  return sources === undefined ? label : `[${label}](${sources}${target}${hash})`;
}

/** Fenced blocks stay as they are. */
function outsideOfCode(text, change) {
  return text
    .split(/(^ *```[^]*?^ *```)/m)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join('');
}
