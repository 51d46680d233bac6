import type { Command } from 'commander';
import { stackName, type DeployedStage } from '../aws/stack.ts';
import { UsageError } from '../outcome.ts';
import { findStage, type SystemOptions } from '../system.ts';
import { tableLines } from '../table.ts';

/** `mem remove` */
export function addRemoveCommand(program: Command): void {
  program
    .command('remove')
    .description('take a deployed stage down, and say what stays')
    .option('--yes', 'really')
    .addHelpText('after', HELP)
    .action(async (_options: unknown, command: Command) => {
      const { stage, region, yes } = command.optsWithGlobals<SystemOptions & { yes?: boolean }>();
      if (stage === undefined) throw new UsageError('say which stage with --stage');
      if (!yes) throw new UsageError(`stage ${stage} would count and answer nothing any more; say so with --yes`);
      const found = await findStage(stage, region);
      const { removeStage } = await import('../deploy/deploy.ts');
      await removeStage({ stage, region: found.region });
      const stays = tableLines(whatStays(stage, found.outputs)).map((line) => `  ${line}`);
      process.stdout.write(
        `Stage ${stage} is gone. What holds data stays, and costs, until you delete it:\n${stays.join('\n')}\n`,
      );
    });
}

function whatStays(stage: string, outputs: DeployedStage['outputs']): string[][] {
  const { StreamName, ClaimsTable, StateTable, ArchiveBucket, RedisUrlParameter, RedisEndpoint } = outputs;
  const named: [string, string | undefined][] = [
    ['stream', StreamName],
    ['claims table', ClaimsTable],
    ['state table', StateTable],
    ['archive bucket', ArchiveBucket],
    ['SSM parameter', RedisUrlParameter],
    ['last snapshot of its Redis', RedisEndpoint && `${stackName(stage)}-…`],
  ];
  return named.flatMap(([what, name]) => (name === undefined ? [] : [[what, name]]));
}

const HELP = `
Functions, routes and roles go, and a Redis that mem deploy has made. What holds what
was counted stays: stream, tables, archive, a Redis of your own. Tables are protected:
aws dynamodb update-table --no-deletion-protection-enabled comes before delete-table.

Example:
  mem remove --stage try --yes`;
