import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a local system takes at one moment. */
export interface Taken {
  /** Memory in MB by program. */
  memory: Record<(typeof PROGRAMS)[number], number>;
  /** Disk in MB by store. */
  disk: Record<(typeof STORES)[number], number>;
}

/** Programs of `npm start`, by what their command lines hold. */
export const PROGRAMS = ['start.mjs', 'redis-server', 'kinesalite.cjs', 'dynalite.cjs'] as const;
export const STORES = ['redis', 'kinesis', 'dynamodb'] as const;

/** @param pids of the system @param folder where it keeps its data */
export function measureSystem(pids: readonly number[], folder: string): Taken {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,rss=,args='], { encoding: 'utf8' });
  const rows = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .map((match) => ({ pid: Number(match?.[1]), kilobytes: Number(match?.[2]), args: match?.[3] ?? '' }))
    .filter(({ pid }) => pids.includes(pid));
  const memoryOf = (program: string) =>
    rows.filter(({ args }) => args.includes(program)).reduce((sum, { kilobytes }) => sum + kilobytes / 1_024, 0);
  return {
    memory: Object.fromEntries(PROGRAMS.map((program) => [program, memoryOf(program)])) as Taken['memory'],
    disk: Object.fromEntries(
      STORES.map((store) => [store, bytesBelow(join(folder, store)) / 2 ** 20]),
    ) as Taken['disk'],
  };
}

/** A file that is removed while it is looked at has no size. */
function bytesBelow(path: string): number {
  if (!existsSync(path)) return 0;
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const below = join(path, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(below) : (statSync(below, { throwIfNoEntry: false })?.size ?? 0));
  }, 0);
}
