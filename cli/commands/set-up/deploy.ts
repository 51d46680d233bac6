import { relative } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../../../deploy/config.cjs';
import { VERSIONS, type StoredVersions } from '../../../shared/contract/versions.ts';
import { DEFAULT_NAMESPACE } from '../../../shared/contract/event.ts';
import { Cancelled, EXIT, UsageError } from '../../outcome.ts';
import { DEFAULT_STAGE, preflight } from '../../preflight/preflight.ts';
import { hasProblem, preflightLines } from '../../preflight/finding.ts';
import { snippets } from './snippet.ts';
import { findRegion, findSystem, type SystemOptions, findStage } from '../../system.ts';
import { during, isAtTerminal } from '../../output/terminal.ts';
import { stackName, type DeployedStage } from '../../aws/stack.ts';
import { tableLines } from '../../output/table.ts';

interface Options extends Omit<SystemOptions, 'system'> {
  yes?: boolean;
  dryRun?: boolean;
  force?: boolean;
}

/** Where a dry run packages for, while nothing says another one: the template does not differ. */
const ANY_REGION = 'us-east-1';

/** `mem deploy` */
export function addDeployCommand(program: Command): void {
  program
    .command('deploy')
    .description('run the preflight checks, create or update the stack on AWS, and print its endpoints')
    .option('--yes', 'do not ask; needed where there is no terminal')
    .option('--dry-run', 'only package what would be uploaded, without an AWS account')
    .option('--force', 'deploy in spite of problems that the checks found')
    .addHelpText('after', HELP)
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const config = readConfig(process.cwd());
      const stage = options.stage ?? config.stage ?? DEFAULT_STAGE;
      const region = await findRegion(options.region);
      if (options.dryRun) {
        await dryRun({ stage, region: region ?? ANY_REGION });
        return;
      }
      if (!options.yes && !isAtTerminal()) {
        throw new UsageError('there is no terminal to ask at: say --yes to deploy without a question');
      }
      if (!(await mayDeploy({ ...options, stage }))) {
        process.exitCode = EXIT.failed;
        return;
      }
      if (region === undefined) throw new Error('no region: say --region, or mem configure --set region=eu-central-1');
      if (!options.yes) await askWhether(`Deploy stage ${stage} to ${region}`);
      const versions = { ...VERSIONS, ...(config.recordVersion && { record: config.recordVersion }) };
      await noteVersions({ stage, region }, versions);
      const { deployStage } = await import('../../aws/serverless.ts');
      await deployStage({ stage, region }).catch(async (error: unknown) => {
        await tellLeftovers({ stage, region });
        throw error;
      });
      await noteVersions({ stage, region }, versions);
      await tellWhere({ stage, region });
    });
}

const HELP = `
Stage and region are those of mem.config.json unless named here. The output of
serverless goes to .mem/deploy. A redisUrl of mem.config.json is kept in SSM
(SecureString) under /mem/STAGE/redis-url.

Examples:
  mem deploy --stage prod
  mem deploy --stage prod --yes
  mem deploy --dry-run`;

async function dryRun(deployment: { stage: string; region: string }): Promise<void> {
  const { packageStage } = await import('../../aws/serverless.ts');
  const folder = await packageStage(deployment);
  process.stdout.write(`Packaged into ${relative(process.cwd(), folder)}; nothing is uploaded.\n`);
}

/** What preflight has found is told in any case. */
async function mayDeploy({ force, stage, region }: Options): Promise<boolean> {
  const result = await during('Looking at everything that Mem needs', () =>
    preflight({ local: false, ...(stage !== undefined && { stage }), ...(region !== undefined && { region }) }),
  );
  process.stderr.write(`${preflightLines(result, process.stderr).join('\n')}\n`);
  if (!hasProblem(result) || force) return true;
  process.stderr.write('Nothing is deployed. Solve the problems, or say --force.\n');
  return false;
}

async function askWhether(question: string): Promise<void> {
  const { askAtTerminal } = await import('../../configure/questions.ts');
  if (!(await askAtTerminal.yes(question, true))) throw new Cancelled();
}

/**
 * Before anything writes a newer version, so that whoever cannot read it knows that it has to wait. A first deployment
 * has no table yet, and no older version either.
 */
async function noteVersions({ stage, region }: { stage: string; region: string }, to: StoredVersions): Promise<void> {
  const { createAwsAccount } = await import('../../aws/account.ts');
  const { StateTable } = (await createAwsAccount(region).readStage(stage))?.outputs ?? {};
  if (StateTable === undefined) return;
  const { connectTables } = await import('../../connect.ts');
  const tables = connectTables({ settings: { STATE_TABLE: StateTable, STAGE: stage } });
  try {
    await tables.versions.raise(to);
  } finally {
    tables.close();
  }
}

/** How to delete what CloudFormation leaves where a first deployment fails, by its name for it. */
const DELETIONS: Record<string, (name: string) => string[]> = {
  'AWS::Kinesis::Stream': (name) => [`aws kinesis delete-stream --stream-name ${name}`],
  'AWS::DynamoDB::Table': (name) => [
    `aws dynamodb update-table --no-deletion-protection-enabled --table-name ${name}`,
    `aws dynamodb delete-table --table-name ${name}`,
  ],
  'AWS::S3::Bucket': (name) => [`aws s3 rb --force s3://${name}`],
};

/** What a first deployment that failed has left, and may cost. */
async function tellLeftovers({ stage, region }: { stage: string; region: string }): Promise<void> {
  const { createAwsAccount } = await import('../../aws/account.ts');
  const left = await createAwsAccount(region)
    .listLeftovers(stage)
    .catch(() => []);
  if (left.length === 0) return;
  const commands = left.flatMap(({ type, name }) => DELETIONS[type]?.(name) ?? []);
  const lines = [
    `export AWS_REGION=${region}`,
    ...commands,
    `aws cloudformation delete-stack --stack-name ${stackName(stage)}`,
  ];
  process.stderr.write(
    `\nThe stack could not be made, and this is left of it. To delete it before another attempt:\n  ${lines.join('\n  ')}\n`,
  );
}

/** A stack of an older version says less of itself. */
async function tellWhere({ stage, region }: { stage: string; region: string }): Promise<void> {
  const { urls } = await findSystem({ stage, region });
  const named = `--stage ${stage} --region ${region}`;
  const lines = [
    `Stage ${stage} is deployed in ${region}.`,
    ...(urls.track === undefined ? [] : [`  events   ${urls.track}`]),
    ...(urls.page === undefined ? [] : [`  page     ${urls.page}`]),
    `  API key  mem keys add ${named}`,
    `  check    mem preflight ${named}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (urls.track === undefined) return;
  process.stdout.write(`\nFor the pages of your site (the SDK, too: mem snippet ${named}):\n\n`);
  process.stdout.write(snippets.alephbet({ trackUrl: urls.track, namespace: DEFAULT_NAMESPACE }));
}

/** `mem remove` */
export function addRemoveCommand(program: Command): void {
  program
    .command('remove')
    .description('remove a deployed stage, and say what is retained')
    .option('--yes', 'confirm')
    .addHelpText('after', REMOVE_HELP)
    .action(async (_options: unknown, command: Command) => {
      const { stage, region, yes } = command.optsWithGlobals<SystemOptions & { yes?: boolean }>();
      if (stage === undefined) throw new UsageError('say which stage with --stage');
      if (!yes) throw new UsageError(`stage ${stage} would no longer count or answer anything: confirm with --yes`);
      const found = await findStage(stage, region);
      const { removeStage } = await import('../../aws/serverless.ts');
      await removeStage({ stage, region: found.region });
      const stays = tableLines(whatStays(stage, found.outputs)).map((line) => `  ${line}`);
      process.stdout.write(
        `Stage ${stage} is removed. What holds data is retained, and costs, until you delete it:\n${stays.join('\n')}\n`,
      );
    });
}

function whatStays(stage: string, outputs: DeployedStage['outputs']): string[][] {
  const { StreamName, ClaimsTable, StateTable, EventLogBucket, RedisUrlParameter, RedisEndpoint } = outputs;
  const named: [string, string | undefined][] = [
    ['stream', StreamName],
    ['claims table', ClaimsTable],
    ['state table', StateTable],
    ['bucket of the event log', EventLogBucket],
    ['SSM parameter', RedisUrlParameter],
    ['last snapshot of its Redis', RedisEndpoint && `${stackName(stage)}-…`],
  ];
  return named.flatMap(([what, name]) => (name === undefined ? [] : [[what, name]]));
}

const REMOVE_HELP = `
Functions, routes and roles go, and a Redis that mem deploy has made. What holds what
was counted stays: stream, tables, event log, a Redis of your own. Tables are protected:
aws dynamodb update-table --no-deletion-protection-enabled comes before delete-table.

Example:
  mem remove --stage try --yes`;
