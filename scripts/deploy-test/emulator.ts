import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '../../local/free-ports.ts';
import { installPythonTools } from './python-tools.ts';

const START_MS = 60_000;

/** MiniStack: CloudFormation, Lambda as processes, Kinesis with its mapping, DynamoDB, HTTP API, in one process. */
export interface Emulator {
  /** What the AWS SDKs and serverless are told. */
  environment: NodeJS.ProcessEnv;
  /** Where the routes of a deployed HTTP API are. */
  apiUrl: (apiId: string) => string;
  stop: () => Promise<void>;
}

/**
 * Installs the emulator once, into a virtual environment of its own, and starts it on 127.0.0.1.
 * @param folder where it keeps its data and its log
 */
export async function startEmulator(folder: string): Promise<Emulator> {
  const python = join(await installPythonTools(), 'python');
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const child = spawn(python, [resolve('scripts/deploy-test/emulator.py')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      STATE_DIR: folder,
      S3_DATA_DIR: join(folder, 's3'),
      TMPDIR: temporary,
      NODE_OPTIONS: `--require ${resolve('scripts/deploy-test/find-cjs.cjs')}`,
    },
  });
  const log = createWriteStream(join(folder, 'emulator.log'));
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  await waitUntilReady(`${url}/_ministack/health`, () => child.exitCode !== null);
  return {
    environment: {
      ...process.env,
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    apiUrl: (apiId) => `${url}/_aws/execute-api/${apiId}/$default`,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function waitUntilReady(url: string, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (hasEnded() || Date.now() > deadline) throw new Error(`the emulator does not answer at ${url}: see its log`);
    await sleep(200);
  }
}
