import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What serverless.yml refers to. */
const PARTS = ['deploy', 'functions', 'shared', 'stats', 'dashboard'];
const FILES = ['serverless.yml', 'package.json'];

/**
 * Makes a folder in which serverless can work: it writes beside its serverless.yml, and an installed package is no place
 * for that. The parts are links, so that packages are found from where they really are.
 * @param folder made anew; what an earlier run has left there is gone
 */
export function makeServiceFolder(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of FILES) copyFileSync(join(root, file), join(folder, file));
  for (const part of PARTS.filter((name) => existsSync(join(root, name)))) {
    symlinkSync(join(root, part), join(folder, part), 'junction'); // the only link to a folder that Windows lets anybody make
  }
}
