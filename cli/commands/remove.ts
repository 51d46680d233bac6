import type { Command } from 'commander';
import { UsageError } from '../outcome.ts';
import { findStage, type SystemOptions } from '../system.ts';

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
      const { region: foundRegion, settings } = await findStage(stage, region);
      const { removeStage } = await import('../deploy/deploy.ts');
      await removeStage({ stage, region: foundRegion });
      const { STREAM_NAME, CLAIMS_TABLE, STATE_TABLE, REDIS_URL_PARAMETER } = settings;
      const stays = { stream: STREAM_NAME, 'claims table': CLAIMS_TABLE, 'state table': STATE_TABLE, 'SSM parameter': REDIS_URL_PARAMETER };
      const lines = Object.entries(stays).flatMap(([what, name]) => (name === undefined ? [] : [`  ${what.padEnd(13)}  ${name}`]));
      process.stdout.write(`Stage ${stage} is gone. What holds data stays, and costs, until you delete it:\n${lines.join('\n')}\n`);
    });
}

const HELP = `
Functions, routes and roles go. The stream, the tables and a Redis of your own stay:
they hold what was counted.

Example:
  mem remove --stage try --yes`;
