import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkConfig,
  FILE_NAME,
  readConfig,
  readEnvironment,
  readFile,
  schema,
  variableOf,
  type MemConfig,
} from '../../deploy/config.cjs';
import { reasonOf, UsageError } from '../outcome.ts';

export type Setting = keyof MemConfig;

export const settings = Object.keys(schema.properties) as Setting[];

/** What the file of a folder holds, without what the environment says. */
export function readConfigFile(folder: string): MemConfig {
  return readConfig(folder, {});
}

/**
 * The file's settings with some changed, each written as in the environment: `trackPaths=/e,/x`.
 * @throws UsageError that names every fault
 */
export function changeSettings(folder: string, given: readonly string[], unset: readonly string[]): MemConfig {
  const changes = Object.fromEntries(given.map(parseGiven).map(([setting, text]) => [variableOf(setting), text]));
  const before = readFile(folder); // not checked yet: this may be how a fault is mended
  const gone = new Set<string>(unset.map((name) => (name in before ? name : toSetting(name))));
  const kept = Object.entries(before).filter(([name]) => !gone.has(name));
  try {
    const config: unknown = { ...Object.fromEntries(kept), ...readEnvironment(changes) };
    checkConfig(config);
    return config;
  } catch (error) {
    throw new UsageError(reasonOf(error), { cause: error });
  }
}

function parseGiven(text: string): [Setting, string] {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (value === '') {
    throw new UsageError(
      `--set: expected SETTING=VALUE such as region=eu-central-1, got ${JSON.stringify(text)}; to take one away: --unset`,
    );
  }
  return [toSetting(name), value];
}

function toSetting(name: string): Setting {
  const setting = settings.find((known) => known === name);
  if (setting === undefined) {
    throw new UsageError(`${JSON.stringify(name)} is not a setting; there are ${settings.join(', ')}`);
  }
  return setting;
}

/** Writes the file whole or not at all; for its owner alone where it holds a secret. @returns its path */
export function writeConfigFile(folder: string, config: MemConfig): string {
  checkConfig(config);
  const path = join(folder, FILE_NAME);
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(config, undefined, 2)}\n`, {
      mode: config.redisUrl === undefined ? 0o644 : 0o600,
    });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return path;
}

/** The settings as they may be shown. */
export function withoutSecrets({ redisUrl, ...config }: MemConfig): MemConfig {
  return redisUrl === undefined ? config : { ...config, redisUrl: maskUrl(redisUrl) };
}

/** Passwords stand before the @, or in the query. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return '***';
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  for (const name of url.searchParams.keys()) url.searchParams.set(name, '***');
  return url.href;
}
