import { Command, InvalidArgumentError } from 'commander';
import { checkConfig } from '../deploy/config.cjs';
import { version } from '../package.json';
import { addConfigureCommand } from './commands/set-up/configure.ts';
import { addCostCommand } from './commands/set-up/cost.ts';
import { addDashboardCommand } from './commands/see/dashboard.ts';
import { addDeployCommand, addRemoveCommand } from './commands/set-up/deploy.ts';
import { addExperimentsCommand, addNamespacesCommand } from './commands/see/experiments.ts';
import { addImportCommand } from './commands/set-up/import.ts';
import { addKeysCommand } from './commands/set-up/keys.ts';
import { addLogCommand } from './commands/operate/log.ts';
import { addPreflightCommand } from './commands/set-up/preflight.ts';
import { addQuarantineCommand } from './commands/operate/quarantine.ts';
import { addGenerationsCommand, addReplayCommand } from './commands/operate/replay.ts';
import { addRedisCommand } from './commands/operate/redis.ts';
import { addReportCommand } from './commands/see/report.ts';
import { addSimulateCommand } from './commands/operate/simulate.ts';
import { addSnippetCommand } from './commands/set-up/snippet.ts';
import { addUnitCommand } from './commands/set-up/unit.ts';
import { addStatusCommand } from './commands/operate/status.ts';
import { addVerifyCommand } from './commands/operate/verify.ts';
import { addVisitorsCommand } from './commands/operate/visitors.ts';
import { paint } from './output/terminal.ts';

type AddCommand = (program: Command) => void;

const GROUPS: Record<string, AddCommand[]> = {
  'See what counts:': [addReportCommand, addExperimentsCommand, addNamespacesCommand, addDashboardCommand],
  'Set up:': [
    addConfigureCommand,
    addPreflightCommand,
    addDeployCommand,
    addSnippetCommand,
    addUnitCommand,
    addKeysCommand,
    addImportCommand,
    addCostCommand,
  ],
  'Operate:': [
    addStatusCommand,
    addVerifyCommand,
    addQuarantineCommand,
    addLogCommand,
    addReplayCommand,
    addGenerationsCommand,
    addRedisCommand,
    addSimulateCommand,
    addVisitorsCommand,
    addRemoveCommand,
  ],
};

/** The command `mem`, with all that it can do. */
export function createProgram(): Command {
  const program = new Command('mem')
    .description('Mem counts A/B tests exactly. Set it up, see what it has counted, operate it.')
    .version(version, '-V, --version', 'print the version')
    .optionsGroup('Which system:')
    .option('--stage <name>', 'a stage that is deployed on AWS', toStage)
    .option('--region <name>', 'where that stage is (mem.config.json, AWS_REGION)')
    .option('--system <file>', 'the system of a settings file such as .mem/system.json')
    .optionsGroup('Options:')
    .option('--verbose', 'with an error, say where in the program it happened (or DEBUG=mem)')
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => paint('bold', title), sortOptions: false })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'mem: ')) })
    .exitOverride()
    .addHelpText('after', OVERVIEW);
  for (const [group, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(group);
    for (const add of commands) add(program);
  }
  pointAtHelp(program, 'mem');
  return program.commandsGroup('Help:');
}

/** After an error, each command points at its own help. */
function pointAtHelp(command: Command, name: string): void {
  command.showHelpAfterError(`(${name} --help shows what is possible)`);
  for (const below of command.commands) pointAtHelp(below, `${name} ${below.name()}`);
}

const OVERVIEW = `
Without --stage and --system, commands work on the system that the environment
names (STREAM_NAME, CLAIMS_TABLE, STATE_TABLE, REDIS_URL), or else on the one that
npm start runs in this folder.

Exit codes: 0 done, 1 failed, 2 wrong usage, 75 incomplete, can be resumed
(replay --for), 130 cancelled with Ctrl-C.
NO_COLOR turns colours off. Below, mem is short for npx mem-ab.

Examples:
  mem configure
  mem deploy --stage prod
  mem keys add --stage prod
  mem report "button color" --segment platform=ios
  mem experiments apply experiments.yaml`;

/** Names of stages are part of names on AWS. */
function toStage(stage: string): string {
  try {
    checkConfig({ stage });
    return stage;
  } catch {
    throw new InvalidArgumentError('expected up to 20 lower-case letters, digits and -, beginning with a letter.');
  }
}
