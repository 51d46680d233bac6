import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readStage, stackName } from '../../cli/aws/stack.ts';
import type { Emulator } from './emulator.ts';

const OUTPUT_BYTES = 64 * 1024 * 1024;

/** A stage of Mem, as somebody deploys it from a folder with a configuration. */
export interface Stage {
  /** Runs `mem` in the folder. @throws Error with what it said, where it does not end with 0 */
  mem: (...args: string[]) => Promise<string>;
  /** The template of the last deployment. */
  template: string;
  configure: (settings: Record<string, unknown>) => void;
  /** Its HTTP API. */
  url: () => Promise<string>;
  /** Lets the function run that catches up idle shards, which AWS does every five minutes. */
  recover: () => Promise<void>;
}

/** @param folder the user's, with nothing in it but what is configured */
export function createStage(name: string, folder: string, emulator: Emulator): Stage {
  const { environment } = emulator;
  const settings = clientSettings(environment);
  return {
    async mem(...args) {
      const { stdout } = await promisify(execFile)(process.execPath, [resolve('cli/bin.mjs'), ...args], {
        cwd: folder,
        env: environment,
        maxBuffer: OUTPUT_BYTES,
      });
      return stdout;
    },
    template: join(folder, '.mem/deploy/.serverless/cloudformation-template-update-stack.json'),
    configure(changed) {
      const file = join(folder, 'mem.config.json');
      writeFileSync(file, JSON.stringify({ ...readIfThere(file), stage: name, region: 'us-east-1', ...changed }));
    },
    async url() {
      const { outputs = {} } = (await readStage(name, new CloudFormationClient(settings))) ?? {};
      const apiId = /^https:\/\/([^.]+)\./.exec(outputs.ApiUrl ?? '')?.[1];
      if (apiId === undefined) throw new Error(`${stackName(name)} has no output ApiUrl`);
      return emulator.apiUrl(apiId);
    },
    async recover() {
      const { FunctionError } = await new LambdaClient(settings).send(
        new InvokeCommand({ FunctionName: `${stackName(name)}-recover` }),
      );
      if (FunctionError !== undefined) throw new Error(`recover failed: ${FunctionError}`);
    },
  };
}

function readIfThere(file: string): object {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch {
    return {};
  }
}

function clientSettings({ AWS_ENDPOINT_URL = '', AWS_REGION = '' }: NodeJS.ProcessEnv) {
  return {
    endpoint: AWS_ENDPOINT_URL,
    region: AWS_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}
