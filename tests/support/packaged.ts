import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface Template {
  Parameters?: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, unknown>;
}

/** What `serverless package` makes of the project. */
export interface Packaged {
  template: Template;
  /** Function -> the files in its zip. */
  zips: Record<string, string[]>;
}

const PARTS = ['serverless.yml', 'package.json', 'deploy', 'functions', 'local', 'shared', 'stats', 'dashboard'];

/**
 * Packages a copy of the project as on a machine without an AWS account or network.
 * @param settings what mem.config.json holds; none where it is missing
 * @throws Error with what serverless said
 */
export async function packageProject(settings?: object): Promise<Packaged> {
  const copy = mkdtempSync(join(tmpdir(), 'mem-package-'));
  try {
    const there = readdirSync('.');
    for (const part of PARTS.filter((name) => there.includes(name))) cpSync(part, join(copy, part), { recursive: true });
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    if (settings) writeFileSync(join(copy, 'mem.config.json'), JSON.stringify(settings));

    await runServerless(['package', '--package', 'packaged'], copy);
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
  return { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere };
}

function readPackage(folder: string): Packaged {
  const template = readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  const zips = readdirSync(folder).filter((name) => name.endsWith('.zip'));
  return {
    template: JSON.parse(template) as Template,
    zips: Object.fromEntries(zips.map((name) => [name.slice(0, -'.zip'.length), listZip(readFileSync(join(folder, name)))])),
  };
}

/** The names in a zip's central directory. */
function listZip(zip: Buffer): string[] {
  const END = Buffer.from('PK\x05\x06', 'latin1');
  const end = zip.lastIndexOf(END);
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let entry = zip.readUInt16LE(end + 10); entry > 0; entry -= 1) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    names.push(zip.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names;
}
