import { existsSync } from 'node:fs';
import { readConfig, FILE_NAME, type MemConfig } from '../../deploy/config.cjs';
import { findRegion, findSystem, LOCAL_SYSTEM, type SystemOptions, type System } from '../system.ts';
import { checkRegion } from './account.ts';
import { runChecks, type Check, type Preflight } from './finding.ts';
import { engines } from '../../package.json';
import { reasonOf } from '../outcome.ts';
import { withoutSecrets } from '../configure/config-file.ts';
import type { Tables } from '../connect.ts';
import { checksOfRedis, readRedisInfo } from './redis.ts';

export interface PreflightOptions extends SystemOptions {
  /** Look at the system of this machine alone. */
  local?: boolean;
}

/** The stage that is meant where none is named. */
export const DEFAULT_STAGE = 'dev';

/** Looks at whatever would keep Mem from working: here, and in the AWS account or the local system. */
export async function preflight(options: PreflightOptions): Promise<Preflight> {
  const folder = process.cwd();
  const here = [checkConfiguration(() => readConfig(folder)), checkNode(process.versions.node)];
  const config = configOrNone(folder);
  const region = await findRegion(options.region ?? config?.region).catch(() => undefined);
  if (isLocal(options, region)) {
    const { of, checks } = await local(options);
    return { of, findings: await runChecks([...here, ...checks]) };
  }

  const stage = options.stage ?? config?.stage ?? DEFAULT_STAGE;
  const [{ createAwsAccount }, { checksOfStage }, { readRedisInfo }] = await Promise.all([
    import('../aws/account.ts'),
    import('./deployed.ts'),
    import('./redis.ts'),
  ]);
  if (region !== undefined) process.env.AWS_REGION = region; // for the clients that are made from here on
  const account = createAwsAccount(region);
  const checks = await checksOfStage({ stage, config, account, readInfo: readRedisInfo });
  return {
    of: `stage ${stage}${region === undefined ? '' : ` in ${region}`}`,
    findings: await runChecks([...here, checkRegion(region), ...checks]),
  };
}

/** Without AWS options, a system that runs in this folder is what is meant. */
function isLocal({ local, stage, system }: PreflightOptions, region: string | undefined): boolean {
  return local ?? (system !== undefined || (stage === undefined && region === undefined && existsSync(LOCAL_SYSTEM)));
}

async function local(options: PreflightOptions): Promise<{ of: string; checks: Check[] }> {
  const { connectTables } = await import('../connect.ts');
  const system = await findSystem({ system: options.system ?? LOCAL_SYSTEM });
  return { of: system.name, checks: checksOfLocal(system, () => connectTables(system)) };
}

/** Whether the settings of a folder are right. @param read throws where they are not */
export function checkConfiguration(read: () => MemConfig): Check {
  return {
    name: 'configuration',
    look() {
      try {
        const names = Object.keys(withoutSecrets(read()));
        return { status: 'ok', found: names.length === 0 ? 'everything as usual' : `sets ${names.join(', ')}` };
      } catch (error) {
        return {
          status: 'problem',
          found: reasonOf(error),
          advice: `correct ${FILE_NAME} or the environment; mem configure writes it`,
        };
      }
    },
  };
}

/** The settings; undefined where they are wrong: one check says so, and the others go on. */
export function configOrNone(folder: string): MemConfig | undefined {
  try {
    return readConfig(folder);
  } catch {
    return undefined;
  }
}

/** @param version such as 20.19.0 */
export function checkNode(version: string): Check {
  const least = engines.node.replace('>=', '');
  return {
    name: 'Node',
    look: () =>
      version.localeCompare(least, 'en', { numeric: true }) >= 0
        ? { status: 'ok', found: version }
        : { status: 'problem', found: version, advice: `install Node ${least} or newer` },
  };
}

/** What can be looked at in a system of this machine. */
export function checksOfLocal({ settings }: System, connectTables: () => Tables): Check[] {
  return [
    ...checksOfRedis({ url: () => Promise.resolve(settings.REDIS_URL ?? ''), readInfo: readRedisInfo }),
    {
      name: 'tables',
      async look() {
        const tables = connectTables();
        try {
          const keys = await tables.apiKeys.list();
          return { status: 'ok', found: `${settings.STATE_TABLE ?? ''} answers; API keys: ${keys.length}` };
        } finally {
          tables.close();
        }
      },
    },
  ];
}
