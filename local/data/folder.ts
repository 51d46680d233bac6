import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the data folder where it is missing, with those above it.
 * @throws Error with one sentence that names the folder and says what to do
 */
export function makeDataFolder(folder: string): void {
  try {
    // One after another: where no folder can be made, as in /proc, Node's recursive mkdir tries for ever.
    for (const path of missingFolders(folder)) mkdirSync(path);
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the data folder ${folder} cannot be used: ${reason}; give one that can be written to with --data.`,
      {
        cause: error,
      },
    );
  }
}

function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingFolders(dirname(folder)), folder];
}
