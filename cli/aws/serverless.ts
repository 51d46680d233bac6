import { join, dirname } from 'node:path';
import { readConfig } from '../../deploy/config.cjs';
import { createAwsAccount, type AwsAccount } from './account.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, statSync, symlinkSync, existsSync } from 'node:fs';
import { files } from '../../package.json';

export interface Deployment {
  stage: string;
  region: string;
}

/** Makes what would be uploaded, and needs no AWS account. @returns the folder with it */
export async function packageStage(deployment: Deployment): Promise<string> {
  return join(await run('package', deployment), '.serverless');
}

/** Puts the URL of Redis where the functions read it, then makes or changes the stack. */
export async function deployStage(deployment: Deployment): Promise<void> {
  const { redisUrl, redisUrlParameter } = readConfig(process.cwd());
  const account = createAwsAccount(deployment.region);
  const name = redisUrlParameter ?? redisUrlParameterOf(deployment.stage);
  if (redisUrl !== undefined && (await readOrNone(name, account)) !== redisUrl) {
    await account.writeParameter(name, redisUrl);
    process.stderr.write(`The URL of Redis is in SSM: ${name}\n`);
  }
  // Functions read it when they start: with another version in their settings, all of them start anew.
  const version = (redisUrl ?? redisUrlParameter) ? await account.readParameterVersion(name) : undefined;
  await run('deploy', deployment, { MEM_REDIS_URL_VERSION: version ?? '' });
}

async function readOrNone(name: string, account: AwsAccount): Promise<string | undefined> {
  return (await account.readParameterVersion(name)) === undefined ? undefined : account.readParameter(name);
}

/** Takes the stack down. */
export async function removeStage(deployment: Deployment): Promise<void> {
  await run('remove', deployment);
}

/** Where a stage's functions look, unless the configuration names another parameter: deploy/settings.cjs says the same. */
export function redisUrlParameterOf(stage: string): string {
  return `/mem/${stage}/redis-url`;
}

async function run(
  command: ServerlessRun['command'],
  deployment: Deployment,
  environment: Record<string, string> = {},
): Promise<string> {
  const userFolder = process.cwd();
  const serviceFolder = join(userFolder, '.mem', 'deploy');
  makeServiceFolder(packageRoot(), serviceFolder);
  await runServerless({ command, ...deployment, serviceFolder, userFolder, environment });
  return serviceFolder;
}

export interface ServerlessRun {
  command: 'deploy' | 'package' | 'remove';
  stage: string;
  region: string;
  /** Where serverless.yml is. */
  serviceFolder: string;
  /** Where mem.config.json is. */
  userFolder: string;
  /** What deploy/settings.cjs is told besides. */
  environment: Record<string, string>;
}

/**
 * Runs serverless; what it says is said here.
 * @throws Error where it fails
 */
export async function runServerless({
  command,
  stage,
  region,
  serviceFolder,
  userFolder,
  environment,
}: ServerlessRun): Promise<void> {
  const program = require.resolve('serverless/bin/serverless.js');
  const child = spawn(process.execPath, [program, command, '--stage', stage, '--region', region], {
    cwd: serviceFolder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment, MEM_FOLDER: userFolder },
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) {
    throw new Error(
      `serverless ${command} ended with ${signal ?? code ?? 'nothing'}: what it says above is the reason`,
    );
  }
}

/** What the package brings for serverless: all but the command itself. */
const PARTS = ['package.json', ...files.filter((file) => !file.startsWith('dist/'))];

/**
 * Makes a folder in which serverless can work: it writes beside its serverless.yml, and an installed package is no place
 * for that. Folders are links, so that packages are found from where the sources really are.
 * @param folder made anew; what an earlier run has left there is gone
 */
export function makeServiceFolder(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const part of PARTS) {
    const [source, target] = [join(root, part), join(folder, part)];
    // A junction is the only link to a folder that Windows lets anybody make.
    if (statSync(source).isDirectory()) symlinkSync(source, target, 'junction');
    else copyFileSync(source, target);
  }
}

/**
 * Where the package lies, with serverless.yml and what belongs to it: a checkout, or a folder in node_modules.
 * @throws Error where it lies nowhere above this program
 */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'serverless.yml'))) return folder;
    if (folder === dirname(folder)) {
      throw new Error(`there is no serverless.yml above ${__dirname}: install the package again`);
    }
  }
}
