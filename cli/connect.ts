import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConsumerConfig } from '../shared/config.ts';
import { connectStores, type AllStores } from '../shared/stores.ts';

/** Written by `npm start` while it runs: what the functions get as their environment. */
const LOCAL_SYSTEM = join('.mem', 'system.json');

/** Which system a command works on. */
export interface SystemOptions {
  /** A file of settings such as `npm start` writes; else the environment, else the local system of this folder. */
  system?: string;
}

/**
 * Connects to a deployed system through the environment (STREAM_NAME, CLAIMS_TABLE, STATE_TABLE, REDIS_URL…), or to
 * the one that `npm start` runs in this folder.
 * @throws PermanentError that names what is missing
 */
export async function connect({ system }: SystemOptions): Promise<AllStores> {
  const config = readConsumerConfig(readSettings(system));
  return connectStores(config, (what, reason) => process.stderr.write(`${what}: ${reason}\n`));
}

function readSettings(system: string | undefined): Record<string, string | undefined> {
  if (system === undefined && process.env.STREAM_NAME) return process.env;
  const path = system ?? LOCAL_SYSTEM;
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  throw new Error(
    `no system to work on: set STREAM_NAME, CLAIMS_TABLE, STATE_TABLE and REDIS_URL, or run npm start in this folder (${path} is missing)`,
  );
}
