import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where the package lies, with serverless.yml and what belongs to it: a checkout, or a folder in node_modules.
 * @throws Error where it lies nowhere above this program
 */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'serverless.yml'))) return folder;
    if (folder === dirname(folder)) {
      throw new Error(`there is no serverless.yml above ${__dirname}: install the package again`);
    }
  }
}
