import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../deploy/config.cjs';
import { consumerName, stackName, type DeployedStage } from './aws/stack.ts';
import { during } from './output/terminal.ts';

/** Written by `npm start` while it runs: what the functions get as their environment, and where it listens. */
export const LOCAL_SYSTEM = join('.mem', 'system.json');

/** Where `npm start` usually listens. */
export const LOCAL_URL = 'http://127.0.0.1:3000';

/** Which system a command works on; every command takes these options. */
export interface SystemOptions {
  /** A file of settings such as `npm start` writes. */
  system?: string;
  /** A deployed stage. */
  stage?: string;
  /** Where that stage is; else the configuration's region, else the one of AWS' own settings. */
  region?: string;
}

type Settings = Record<string, string | undefined>;

export interface System {
  /** As it reads in a sentence. */
  name: string;
  /** STREAM_NAME, CLAIMS_TABLE and so on, as the functions get them. */
  settings: Settings;
  /** What else its consumer is told, such as limits: who counts its stream again has to do it in the same way. */
  readConsumerSettings?: () => Promise<Settings>;
  /** Its endpoints, as far as they are known. */
  urls: { api?: string | undefined; track?: string | undefined; page?: string | undefined };
  /** The function that runs commands in the stage's own network, where only that reaches its Redis. */
  inside?: string;
}

/**
 * Finds the system that a command works on: `--system`, `--stage`, the environment, or what `npm start` runs here.
 * @throws Error that says how to name one
 */
export async function findSystem(options: SystemOptions): Promise<System> {
  if (options.system !== undefined) return readSystemFile(options.system);
  if (options.stage !== undefined) return findStage(options.stage, options.region);
  if (process.env.STREAM_NAME) return { name: 'the system of the environment', settings: process.env, urls: {} };
  if (existsSync(LOCAL_SYSTEM)) return readSystemFile(LOCAL_SYSTEM);
  throw new Error(
    `no system to work on: name a deployed one with --stage, run npm start in this folder (${LOCAL_SYSTEM} is missing), ` +
      'or set STREAM_NAME, CLAIMS_TABLE, STATE_TABLE and REDIS_URL',
  );
}

/** Whether anything says which system is meant. */
export function isNamed({ system, stage }: SystemOptions): boolean {
  return Boolean(system ?? stage ?? process.env.STREAM_NAME) || existsSync(LOCAL_SYSTEM);
}

function readSystemFile(path: string): System {
  const isLocal = path === LOCAL_SYSTEM;
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing: npm start writes ${isLocal ? 'it' : `such a file, ${LOCAL_SYSTEM},`} while it runs`,
    );
  }
  const settings = parseSettings(path);
  const api = settings.API_URL;
  const name = isLocal ? 'the local system' : `the system of ${path}`;
  return { name, settings, urls: { api, track: api && `${api}/track`, page: api && `${api}/` } };
}

function parseSettings(path: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    throw new Error(`${path}: expected JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

interface StageSystem extends System {
  region: string;
  outputs: DeployedStage['outputs'];
}

/** Its tables and its stream are reached with AWS credentials, its Redis by the URL that it uses itself. */
export async function findStage(stage: string, wantedRegion: string | undefined): Promise<StageSystem> {
  const { createAwsAccount } = await import('./aws/account.ts');
  const region = await findRegion(wantedRegion);
  if (region === undefined) throw new Error('no region: say --region, or mem configure --set region=eu-central-1');
  const account = createAwsAccount(region);
  const found = await during(`Looking for ${stackName(stage)} in ${region}`, () => account.readStage(stage));
  if (!found) {
    throw new Error(
      `there is no stack ${stackName(stage)} in ${region}: choose another --stage or --region, or run mem deploy --stage ${stage}`,
    );
  }
  process.env.AWS_REGION = region; // for all clients that are made from here on
  return {
    name: `stage ${stage} in ${region}`,
    region,
    outputs: found.outputs,
    ...describeStage(stage, found),
    readConsumerSettings: () => account.readEnvironment(consumerName(stage)),
  };
}

/**
 * @param wanted else the configuration's, else that of AWS' own settings
 * @returns undefined where nothing names one
 */
export async function findRegion(wanted: string | undefined): Promise<string | undefined> {
  const named = wanted ?? readConfig(process.cwd()).region;
  if (named !== undefined) return named;
  const { readAwsRegion } = await import('./aws/account.ts');
  return readAwsRegion();
}

/** REDIS_URL in the environment says that this machine is in the stage's network, and where its Redis is seen from there. */
function describeStage(stage: string, { outputs }: DeployedStage): Omit<System, 'name'> {
  const { REDIS_URL, REDIS_CLUSTER } = process.env;
  return {
    settings: {
      STAGE: stage,
      STREAM_NAME: outputs.StreamName,
      CLAIMS_TABLE: outputs.ClaimsTable,
      STATE_TABLE: outputs.StateTable,
      ...(REDIS_URL ? { REDIS_URL } : { REDIS_URL_PARAMETER: outputs.RedisUrlParameter }),
      ...(REDIS_CLUSTER && { REDIS_CLUSTER }),
      ...(outputs.EventLogBucket && { EVENT_LOG: `s3://${outputs.EventLogBucket}` }),
    },
    urls: { api: outputs.ApiUrl, track: outputs.TrackUrl, page: outputs.PageUrl },
    ...(outputs.OperateFunction && !REDIS_URL && !outputs.RedisUrlParameter && { inside: outputs.OperateFunction }),
  };
}
