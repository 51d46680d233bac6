import { join } from 'node:path';
import { readConfig } from '../../deploy/config.cjs';
import { createAwsAccount } from '../aws/account.ts';
import { packageRoot } from '../package-root.ts';
import { makeServiceFolder } from './service-folder.ts';
import { runServerless, type ServerlessRun } from './run-serverless.ts';

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
  const { redisUrl } = readConfig(process.cwd());
  if (redisUrl !== undefined) {
    const name = redisUrlParameterOf(deployment.stage);
    await createAwsAccount(deployment.region).writeParameter(name, redisUrl);
    process.stderr.write(`The URL of Redis is in SSM: ${name}\n`);
  }
  await run('deploy', deployment);
}

/** Takes the stack down. */
export async function removeStage(deployment: Deployment): Promise<void> {
  await run('remove', deployment);
}

/** Where a stage's functions look, unless the configuration names another parameter: deploy/settings.cjs says the same. */
export function redisUrlParameterOf(stage: string): string {
  return `/mem/${stage}/redis-url`;
}

async function run(command: ServerlessRun['command'], deployment: Deployment): Promise<string> {
  const userFolder = process.cwd();
  const serviceFolder = join(userFolder, '.mem', 'deploy');
  makeServiceFolder(packageRoot(), serviceFolder);
  await runServerless({ command, ...deployment, serviceFolder, userFolder });
  return serviceFolder;
}
