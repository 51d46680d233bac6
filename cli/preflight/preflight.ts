import { existsSync } from 'node:fs';
import { readConfig } from '../../deploy/config.cjs';
import { findRegion, findSystem, LOCAL_SYSTEM, type SystemOptions } from '../system.ts';
import { checkRegion } from './account.ts';
import { runChecks, type Check, type Finding } from './finding.ts';
import { checkConfiguration, checkNode, configOrNone } from './here.ts';

export interface PreflightOptions extends SystemOptions {
  /** Look at the system of this machine alone. */
  local?: boolean;
}

export interface Preflight {
  /** What was looked at, as it reads in a sentence. */
  of: string;
  findings: Finding[];
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
  const account = createAwsAccount(region);
  const checks = await checksOfStage({ stage, config, account, readInfo: readRedisInfo });
  return {
    of: `stage ${stage}${region === undefined ? '' : ` in ${region}`}`,
    findings: await runChecks([...here, checkRegion(region), ...checks]),
  };
}

/** Without a word about AWS, a system that runs in this folder is what is meant. */
function isLocal({ local, stage, system }: PreflightOptions, region: string | undefined): boolean {
  return local ?? (system !== undefined || (stage === undefined && region === undefined && existsSync(LOCAL_SYSTEM)));
}

async function local(options: PreflightOptions): Promise<{ of: string; checks: Check[] }> {
  const [{ connectTables }, { checksOfLocal }] = await Promise.all([import('../connect.ts'), import('./local.ts')]);
  const system = await findSystem({ system: options.system ?? LOCAL_SYSTEM });
  return { of: system.name, checks: checksOfLocal(system, () => connectTables(system)) };
}
