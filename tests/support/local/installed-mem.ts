import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { bin } from '../../../package.json';
import { poorEnvironment } from '../deploy/packaged.ts';

/** The package as a user has it: packed, and unpacked into the node_modules of an empty folder. */
export interface InstalledMem {
  /** The user's folder. */
  folder: string;
  /** Where the command is. */
  program: string;
  /** Runs the built command in the user's folder, without a terminal. */
  mem: (args: string[], options?: RunOptions) => Promise<Ended>;
  /** Puts another program into the place of serverless: it says with what it was called, and does nothing. */
  replaceServerless: () => void;
  remove: () => void;
}

export interface RunOptions {
  environment?: Record<string, string>;
  /** A folder below the user's. */
  in?: string;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Packs the project and installs it without a network: the packages that it needs are those of the project. */
export async function installMem(): Promise<InstalledMem> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'mem-installed-')));
  const folder = join(root, 'user');
  const ours = join(folder, 'node_modules', 'mem-ab');
  mkdirSync(ours, { recursive: true });
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  await promisify(execFile)('tar', ['-xzf', await packOnce(), '-C', ours, '--strip-components=1']);
  const program = join(ours, bin['mem-ab']);
  mkdirSync(join(folder, 'node_modules', '.bin'));
  symlinkSync(program, join(folder, 'node_modules', '.bin', 'mem-ab')); // as npm does
  return {
    folder,
    program,
    mem: (args, options) => run(program, args, folder, options),
    replaceServerless() {
      const bin = join(folder, 'node_modules', 'serverless', 'bin');
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, 'serverless.js'), FAKE_SERVERLESS);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The package, made by the first suite of a run that asks for it. */
async function packOnce(): Promise<string> {
  const folder = process.env.MEM_TEST_FOLDER ?? mkdtempSync(join(tmpdir(), 'mem-test-'));
  const packed = join(folder, 'mem-ab.tgz');
  if (existsSync(packed)) return packed;
  const unfinished = mkdtempSync(join(folder, 'pack-'));
  const { stdout } = await promisify(execFile)('npm', ['pack', '--silent', '--pack-destination', unfinished]);
  renameSync(join(unfinished, stdout.trim()), packed); // another process finds all of it, or nothing
  return packed;
}

const FAKE_SERVERLESS = `
const { MEM_FOLDER, MEM_REDIS_URL_VERSION, FAKE_EXIT = '0' } = process.env;
console.log(JSON.stringify({ serverless: process.argv.slice(2), cwd: process.cwd(), MEM_FOLDER, MEM_REDIS_URL_VERSION }));
process.exit(Number(FAKE_EXIT));
`;

async function run(
  program: string,
  args: string[],
  folder: string,
  { environment, in: below = '.' }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: join(folder, below),
    env: { ...poorEnvironment(folder), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (ended.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (ended.stderr += data.toString()));
  return new Promise((resolveRun, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolveRun({ ...ended, code }));
  });
}
