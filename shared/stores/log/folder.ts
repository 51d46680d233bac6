import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Objects } from './objects.ts';

/** Of files that are being written; a crash leaves them behind, and nobody reads them. */
const UNFINISHED = '.unfinished-';

/** Objects as files of a folder, which is made when the first is written. */
export function createFolder(folder: string): Objects {
  const pathOf = (key: string) => join(folder, key);

  async function writeBeside(key: string, bytes: Uint8Array): Promise<string> {
    const path = join(dirname(pathOf(key)), `${UNFINISHED}${randomUUID()}`);
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  }

  return {
    name: folder,

    async get(key) {
      try {
        return await readFile(pathOf(key));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },

    async create(key, bytes) {
      const unfinished = await writeBeside(key, bytes);
      try {
        await link(unfinished, pathOf(key));
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await rm(unfinished, { force: true });
      }
    },

    async replace(key, bytes, read) {
      const unfinished = await writeBeside(key, bytes);
      try {
        if (!(await readFile(pathOf(key))).equals(read)) return false;
        await rename(unfinished, pathOf(key));
        return true;
      } finally {
        await rm(unfinished, { force: true });
      }
    },

    async list(prefix) {
      const found = new Map<string, number>();
      const start = pathOf(prefix.slice(0, prefix.lastIndexOf('/') + 1));
      for (const path of await filesIn(start)) {
        const key = relative(folder, path).split(sep).join('/');
        if (key.startsWith(prefix)) found.set(key, (await stat(path)).size);
      }
      return found;
    },
  };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith(UNFINISHED))
      .map(({ parentPath, name }) => join(parentPath, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
