import type { Command } from 'commander';
import { FILE_NAME, readConfig, variableOf, type MemConfig } from '../../../deploy/config.cjs';
import {
  changeSettings,
  readConfigFile,
  settings,
  withoutSecrets,
  writeConfigFile,
} from '../../configure/config-file.ts';
import { Cancelled, UsageError } from '../../outcome.ts';
import type { SystemOptions } from '../../system.ts';
import { printable, tableLines } from '../../output/table.ts';
import { isAtTerminal } from '../../output/terminal.ts';

interface Options {
  set: string[];
  unset: string[];
  show?: boolean;
  json?: boolean;
}

/** `mem configure` */
export function addConfigureCommand(program: Command): void {
  program
    .command('configure')
    .description(`write ${FILE_NAME}: what differs between this installation and others`)
    .option('--set <setting=value>', 'set one without questions; lists with commas; may be repeated', collect, [])
    .option('--unset <setting>', 'take one away; may be repeated', collect, [])
    .option('--show', 'print the settings, also those of the environment, and where they come from')
    .option('--json', 'with --show: print as JSON')
    .addHelpText('after', HELP)
    .action(async ({ set, unset, show, json }: Options, command: Command) => {
      const folder = process.cwd();
      refuseSystemOptions(command.optsWithGlobals<SystemOptions>());
      if (json && !show) throw new UsageError('--json goes with --show');
      if (show && set.length + unset.length > 0) {
        throw new UsageError('--show changes nothing: leave out --set and --unset');
      }
      if (show) showSettings(folder, json ?? false);
      else if (set.length + unset.length > 0) write(folder, changeSettings(folder, set, unset));
      else await askAndWrite(folder);
    });
}

const HELP = `
Settings: ${settings.join(', ')}.
MEM_REGION, MEM_TRACK_PATHS and so on in the environment win over the file.

Examples:
  mem configure
  mem configure --set region=eu-central-1 --set trackPaths=/e,/collect
  mem configure --set 'throttling={"requestsPerSecond":500,"burst":1000}'
  mem configure --unset alarmEmail
  mem configure --show`;

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

/** They name a system for other commands; here they would look as if they were written. */
function refuseSystemOptions({ stage, region, system }: SystemOptions): void {
  for (const [name, value] of Object.entries({ stage, region })) {
    if (value !== undefined) {
      throw new UsageError(`configure takes no --${name}; to set it: mem configure --set ${name}=${value}`);
    }
  }
  if (system !== undefined) throw new UsageError('configure takes no --system');
}

async function askAndWrite(folder: string): Promise<void> {
  if (!isAtTerminal()) {
    throw new UsageError(
      'there is no terminal to ask at: say what to set, such as mem configure --set region=eu-central-1',
    );
  }
  const [{ askAtTerminal }, { askForSettings }] = await Promise.all([
    import('../../configure/questions.ts'),
    import('../../configure/questions.ts'),
  ]);
  const config = await askForSettings(readConfigFile(folder), askAtTerminal);
  process.stdout.write(`\n${JSON.stringify(withoutSecrets(config), undefined, 2)}\n\n`);
  if (!(await askAtTerminal.yes(`Write this to ${FILE_NAME}`, true))) throw new Cancelled();
  write(folder, config);
}

function write(folder: string, config: MemConfig): void {
  writeConfigFile(folder, config);
  process.stdout.write(`${FILE_NAME} is written. What is missing for a deployment: mem preflight\n`);
}

/** What holds here: the file, and the environment before it. */
function showSettings(folder: string, json: boolean): void {
  const config = withoutSecrets(readConfig(folder));
  if (json) {
    process.stdout.write(`${JSON.stringify(config)}\n`);
    return;
  }
  const rows = Object.entries(config).map(([setting, value]) => [
    setting,
    printable(typeof value === 'string' ? value : JSON.stringify(value)),
    process.env[variableOf(setting)] ? `(${variableOf(setting)})` : `(${FILE_NAME})`,
  ]);
  process.stdout.write(`${tableLines(rows).join('\n') || 'nothing is set: everything is as usual'}\n`);
}
