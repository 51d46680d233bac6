import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const pages = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).trim().split('\n');

/** Folders and files at the top of the repository. */
const tops = new Set(readdirSync('.'));

const proseOf = (page: string) => readFileSync(page, 'utf8').replace(/^ *```[^]*?^ *```/gm, '');

/** The anchors that a page's headings get. */
function anchorsOf(page: string): string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

function deadLinksOf(page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    ([, link, source]) => link ?? source ?? '',
  );
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false; // out in the world
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
}

describe('every link leads to a file that is there, and to a heading in it', () => {
  test.each(pages)('%s', (page) => {
    expect(deadLinksOf(page)).toEqual([]);
  });
});

test('the index of decisions has each of them, under its title', () => {
  const index = readFileSync('docs/adr/README.md', 'utf8');
  const missing = pages
    .filter((page) => /^docs\/adr\/.*\d{4}-/.test(page))
    .filter(
      (page) =>
        !index.includes(`[${readFileSync(page, 'utf8').split('\n')[0]?.slice(2)}](${page.replace('docs/adr/', '')})`),
    );
  expect(missing).toEqual([]);
});

/** What looks like a file or folder of this repository: `shared/counting`, `bench/load.ts`. */
function namedFilesOf(page: string): string[] {
  const quoted = [...proseOf(page).matchAll(/`([^`\s]+)`/g)].map(([, text = '']) => text);
  return quoted.filter((text) => {
    const [top = '', ...below] = text.split('/');
    return below.length > 0 && tops.has(top) && !/[<>*{…]|NNNN/.test(text);
  });
}

describe('every file that is named in the docs is there', () => {
  test.each(pages.filter((page) => page !== 'CHANGELOG.md'))('%s', (page) => {
    const missing = namedFilesOf(page).filter((path) => !existsSync(path) && !existsSync(join(dirname(page), path)));
    expect(missing).toEqual([]);
  });
});
