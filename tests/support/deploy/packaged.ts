import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { jest } from '@jest/globals';

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

const PARTS = ['serverless.yml', 'package.json', 'deploy', 'functions', 'shared', 'stats', 'dashboard', 'cli'];

// Packaging takes seconds on an idle machine, and minutes where something else keeps it busy.
jest.setTimeout(300_000);

/** What the template alone is made of. */
const TEMPLATE_PARTS = ['serverless.yml', 'package.json', 'deploy'];

/** Kept between runs. The framework's compiled schema lies there, too: without it each run takes two seconds more. */
const CACHE = resolve('node_modules', '.cache', 'mem-packaged');

/**
 * The template of the project, without any code. Made once for each configuration, however many tests ask for it.
 * @param settings what mem.config.json holds; none where it is missing
 * @param options of the command, such as --stage
 * @throws Error with what serverless said
 */
export async function packageTemplate(settings?: object, options: readonly string[] = []): Promise<Template> {
  const known = join(CACHE, `${digestOf([settings, options])}.json`);
  if (existsSync(known)) return JSON.parse(readFileSync(known, 'utf8')) as Template;
  const template = await inCopy(TEMPLATE_PARTS, settings, async (copy) => {
    writeFileSync(join(copy, 'deploy', 'bundler.cjs'), NO_CODE);
    await runServerless(['package', '--package', 'packaged', ...options], copy);
    return readTemplate(join(copy, 'packaged'));
  });
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${known}.${process.pid}`; // tests in other processes find all of it, or nothing
  writeFileSync(unfinished, JSON.stringify(template));
  renameSync(unfinished, known);
  return template;
}

/** A plugin in place of the bundler: every function's code is an empty zip. */
const NO_CODE = `
const { resolve } = require('node:path');
const { writeFileSync } = require('node:fs');
module.exports = class {
  constructor({ service }) {
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => {
        writeFileSync('empty.zip', Buffer.from('PK\\x05\\x06'.padEnd(22, '\\0'), 'latin1'));
        for (const it of Object.values(service.functions)) it.package = { artifact: resolve('empty.zip') };
      },
    };
  }
};
`;

/** Of all that a template can depend on. */
function digestOf(asked: unknown): string {
  const files = TEMPLATE_PARTS.flatMap((part) => (statSync(part).isFile() ? [part] : filesIn(part)));
  const hash = createHash('sha256').update(JSON.stringify(asked));
  for (const file of [...files, 'package-lock.json', 'tests/support/deploy/packaged.ts']) {
    hash.update(`\0${file}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** Packages all of the project, code included, as on a machine without an AWS account or network. */
export async function packageProject(settings?: object): Promise<Packaged> {
  return inCopy(PARTS, settings, async (copy) => {
    await runServerless(['package', '--package', 'packaged'], copy);
    return readPackage(join(copy, 'packaged'));
  });
}

async function inCopy<T>(parts: readonly string[], settings: object | undefined, work: (copy: string) => Promise<T>) {
  const copy = mkdtempSync(join(tmpdir(), 'mem-package-'));
  try {
    for (const part of parts) cpSync(part, join(copy, part), { recursive: true });
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    if (settings) writeFileSync(join(copy, 'mem.config.json'), JSON.stringify(settings));
    return await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function runServerless(args: string[], folder: string): Promise<void> {
  try {
    const options = { cwd: folder, env: { ...poorEnvironment(folder), SLS_SCHEMA_CACHE_BASE_DIR: CACHE } };
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

function readTemplate(folder: string): Template {
  return JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')) as Template;
}

function readPackage(folder: string): Packaged {
  const files = readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  const zips = files
    .filter(({ name }) => name.endsWith('.zip'))
    .map(({ name, bytes }) => ({ name: name.slice(0, -'.zip'.length), entries: readZip(bytes) }));
  return {
    template: readTemplate(folder),
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
