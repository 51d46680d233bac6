import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

interface SystemProgram {
  /** What it is called on PATH, the likeliest first. */
  names: string[];
  /** The environment variable that may name it. */
  variable: string;
  /** Its package, by package manager. */
  packages: { apt: string; brew: string };
}

const programs = {
  redis: {
    names: ['redis-server', 'valkey-server'],
    variable: 'MEM_REDIS_SERVER',
    packages: { apt: 'redis-server', brew: 'redis' },
  },
  openssl: {
    names: ['openssl'],
    variable: 'MEM_OPENSSL',
    packages: { apt: 'openssl', brew: 'openssl' },
  },
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    variable: 'MEM_CHROMIUM',
    packages: { apt: 'chromium', brew: '--cask chromium' },
  },
} satisfies Record<string, SystemProgram>;

/**
 * Finds a program of the operating system: named by an environment variable, or on PATH. Where it is missing, installs
 * it if that needs no password, saying so.
 * @throws Error with one sentence that says what to do
 */
export function findSystemProgram(program: keyof typeof programs, say: (line: string) => void): string {
  const { names, variable, packages } = programs[program];
  const named = process.env[variable];
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(`${variable} names ${named}, which is not a program.`);
  }
  const found = findOnPath(names);
  if (found) return found;

  const install = installCommands(packages);
  if (install) {
    say(`${names[0]} is missing: installing it with ${install.manager}.`);
    for (const [command, ...args] of install.commands) {
      spawnSync(command, args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    }
    const installed = findOnPath(names);
    if (installed) return installed;
  }
  throw new Error(`${names[0]} is missing: install it, or set ${variable} to where it is.`);
}

type Command = [string, ...string[]];

function installCommands({
  apt,
  brew,
}: SystemProgram['packages']): { manager: string; commands: Command[] } | undefined {
  if (process.getuid?.() === 0 && findOnPath(['apt-get'])) {
    return {
      manager: 'apt-get',
      commands: [
        ['apt-get', 'update', '-qq'],
        // The same package manager may also start a Redis of its own, on its usual port: ours has another.
        ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', apt],
      ],
    };
  }
  if (findOnPath(['brew'])) {
    return { manager: 'Homebrew', commands: [['brew', 'install', '--quiet', ...brew.split(' ')]] };
  }
  return undefined;
}

function findOnPath(names: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
