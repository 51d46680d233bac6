import type { Command } from 'commander';
import { EXIT, UsageError } from '../../outcome.ts';
import { preflight, type PreflightOptions } from '../../preflight/preflight.ts';
import { hasProblem, preflightLines } from '../../preflight/finding.ts';
import { during } from '../../output/terminal.ts';

/** `mem preflight` */
export function addPreflightCommand(program: Command): void {
  program
    .command('preflight')
    .description('check configuration, credentials, Redis, delivery and quotas, and say what to do')
    .option('--local', 'look at the system that npm start runs in this folder')
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const options = command.optsWithGlobals<PreflightOptions>();
      if (options.local && options.stage !== undefined) throw new UsageError('expected --local or --stage, got both');
      const result = await during('Looking at everything that Mem needs', () => preflight(options));
      process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${preflightLines(result).join('\n')}\n`);
      if (hasProblem(result)) process.exitCode = EXIT.failed;
    });
}

const HELP = `
It changes nothing, and ends with 1 where there is a problem. Without --stage and
a region it looks at the local system, if one runs in this folder.

Examples:
  mem preflight --stage prod
  mem preflight --local --json`;
