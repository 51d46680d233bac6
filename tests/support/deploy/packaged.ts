import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface Template {
  Parameters?: Record<string, unknown>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown; Export?: { Name: string } }>;
}

/** What `serverless package` makes of the project. */
export interface Packaged {
  template: Template;
  /** Function -> the files in its zip. */
  zips: Record<string, string[]>;
  /** Every file of the package one after another, those in zips, too: a text that is not in here is nowhere. */
  bytes: Buffer;
}

const PARTS = ['serverless.yml', 'package.json', 'deploy', 'functions', 'local', 'shared', 'stats', 'dashboard', 'cli'];

/**
 * Packages a copy of the project as on a machine without an AWS account or network.
 * @param settings what mem.config.json holds; none where it is missing
 * @param options of the command, such as --stage
 * @throws Error with what serverless said
 */
export async function packageProject(settings?: object, options: readonly string[] = []): Promise<Packaged> {
  const copy = mkdtempSync(join(tmpdir(), 'mem-package-'));
  try {
    const there = readdirSync('.');
    for (const part of PARTS.filter((name) => there.includes(name))) {
      cpSync(part, join(copy, part), { recursive: true });
    }
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    if (settings) writeFileSync(join(copy, 'mem.config.json'), JSON.stringify(settings));

    await runServerless(['package', '--package', 'packaged', ...options], copy);
    return readPackage(join(copy, 'packaged'));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function runServerless(args: string[], folder: string): Promise<void> {
  try {
    const options = { cwd: folder, env: poorEnvironment(folder) };
    await promisify(execFile)(resolve('node_modules/.bin/serverless'), args, options);
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`serverless ${args.join(' ')}: ${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

/** No credentials, no home with any, and a proxy that is not there. */
export function poorEnvironment(home: string): NodeJS.ProcessEnv {
  const nowhere = 'http://127.0.0.1:9';
  return {
    PATH: process.env.PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
  };
}

function readPackage(folder: string): Packaged {
  const files = readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  const template = files.find(({ name }) => name === 'cloudformation-template-update-stack.json');
  const zips = files
    .filter(({ name }) => name.endsWith('.zip'))
    .map(({ name, bytes }) => ({ name: name.slice(0, -'.zip'.length), entries: readZip(bytes) }));
  return {
    template: JSON.parse(String(template?.bytes)) as Template,
    zips: Object.fromEntries(zips.map(({ name, entries }) => [name, entries.map((entry) => entry.name)])),
    bytes: Buffer.concat([...files, ...zips.flatMap(({ entries }) => entries)].map(({ bytes }) => bytes)),
  };
}

/** The files that a zip's central directory names: stored (0) or deflated (8). */
function readZip(zip: Buffer): { name: string; bytes: Buffer }[] {
  const END = Buffer.from('PK\x05\x06', 'latin1');
  const end = zip.lastIndexOf(END);
  const entries: { name: string; bytes: Buffer }[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extra, comment] = [
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
    ];
    const local = zip.readUInt32LE(at + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(begin, begin + zip.readUInt32LE(at + 20));
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    entries.push({ name, bytes: zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed });
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}
