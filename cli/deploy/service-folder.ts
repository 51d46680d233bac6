import { copyFileSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { files } from '../../package.json';

/** What the package brings for serverless: all but the command itself. */
const PARTS = ['package.json', ...files.filter((file) => !file.startsWith('dist/'))];

/**
 * Makes a folder in which serverless can work: it writes beside its serverless.yml, and an installed package is no place
 * for that. Folders are links, so that packages are found from where the sources really are.
 * @param folder made anew; what an earlier run has left there is gone
 */
export function makeServiceFolder(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const part of PARTS) {
    const [source, target] = [join(root, part), join(folder, part)];
    // A junction is the only link to a folder that Windows lets anybody make.
    if (statSync(source).isDirectory()) symlinkSync(source, target, 'junction');
    else copyFileSync(source, target);
  }
}
