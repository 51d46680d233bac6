import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

interface Process {
  pid: number;
  parent: number;
  /** Ended, but its parent has not asked how. */
  zombie: boolean;
}

/** A process and all that it has started, directly or not. */
export function processTree(root: number): number[] {
  const all = listProcesses();
  const tree = [root];
  for (const pid of tree) tree.push(...all.filter(({ parent }) => parent === pid).map((process) => process.pid));
  return tree;
}

/** The one of the processes whose command line has this program in it, but is not the shell or npm that started it. */
export function findProcess(pids: readonly number[], program: string): number {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' });
  const found = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
    .filter((match) =>
      match?.[2]
        ?.split(' ')
        .slice(0, 2)
        .some((word) => word.endsWith(program)),
    )
    .map((match) => Number(match?.[1]))
    .find((pid) => pids.includes(pid));
  if (found === undefined) throw new Error(`none of the processes is ${program}`);
  return found;
}

/** @param target a process, or minus a group of them; one that has ended meanwhile is none */
export function signal(target: number, how: NodeJS.Signals): void {
  try {
    process.kill(target, how);
  } catch {
    // it has ended by itself
  }
}

/** Those of the processes that still run. */
export function alive(pids: readonly number[]): number[] {
  return listProcesses()
    .filter(({ pid, zombie }) => !zombie && pids.includes(pid))
    .map(({ pid }) => pid);
}

function listProcesses(): Process[] {
  return existsSync('/proc/self/stat') ? listFromProc() : listFromPs();
}

function listFromProc(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readIfThere(`/proc/${name}/stat`);
      // The name of the program is in brackets, and may hold anything.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return stat === '' ? [] : [{ pid: Number(name), parent: Number(parent), zombie: state === 'Z' }];
    });
}

function listFromPs(): Process[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state]) => ({
      pid: Number(pid),
      parent: Number(parent),
      zombie: state?.startsWith('Z') ?? false,
    }));
}

/** The addresses on which the processes take TCP connections, as the kernel writes them. Linux only. */
export function listeningAddresses(pids: readonly number[]): string[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readIfThere(table)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === LISTEN && sockets.has(columns[9] ?? ''))
      .map((columns) => columns[1] ?? ''),
  );
}

const LISTEN = '0A';

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((descriptor) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${descriptor}`))?.[1] ?? [];
    } catch {
      return []; // closed in the meantime
    }
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended in the meantime
  }
}
