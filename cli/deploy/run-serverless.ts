import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ServerlessRun {
  command: 'deploy' | 'package' | 'remove';
  stage: string;
  region: string;
  /** Where serverless.yml is. */
  serviceFolder: string;
  /** Where mem.config.json is. */
  userFolder: string;
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
}: ServerlessRun): Promise<void> {
  const program = require.resolve('serverless/bin/serverless.js');
  const child = spawn(process.execPath, [program, command, '--stage', stage, '--region', region], {
    cwd: serviceFolder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, MEM_FOLDER: userFolder },
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) {
    throw new Error(
      `serverless ${command} ended with ${signal ?? code ?? 'nothing'}: what it says above is the reason`,
    );
  }
}
