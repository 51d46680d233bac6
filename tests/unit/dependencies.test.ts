import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

interface Manifest {
  license?: string;
  dependencies?: Record<string, string>;
}

const readManifest = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

/** name -> licence, of the rows of the table. */
const rows = new Map(
  [
    ...readFileSync('docs/dependencies.md', 'utf8').matchAll(
      /^\| `(\S+)` \| (.+?) \| (.+?) \| (\S+) \| (\d{4}-\d{2}-\d{2}) \|$/gm,
    ),
  ].map(([, name = '', , licence = '']) => [name, licence]),
);

/** Nothing that would ask more of us than to name the authors. */
const TAKEN = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'Apache-2.0 AND BSL-1.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
]);

describe('docs/dependencies.md', () => {
  test('has a row for each dependency of package.json and of the SDK, and no other', () => {
    const { dependencies: own = {} } = readManifest('package.json');
    const { dependencies: ofSdk = {} } = readManifest('sdk/package.json');
    const names = Object.keys({ ...own, ...ofSdk });
    expect({ 'rows that are missing': names.filter((name) => !rows.has(name)) }).toEqual({
      'rows that are missing': [],
    });
    expect({ 'rows of nothing': [...rows.keys()].filter((name) => !names.includes(name)) }).toEqual({
      'rows of nothing': [],
    });
  });

  test.each([...rows])('names the licence of %s as it is installed: %s', (name, licence) => {
    expect(readManifest(`node_modules/${name}/package.json`).license).toBe(licence);
    expect(TAKEN).toContain(licence);
  });
});
