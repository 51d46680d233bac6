import { Command } from 'commander';
import { addExperimentsCommand } from './commands/experiments.ts';
import { addGenerationsCommand } from './commands/generations.ts';
import { addKeysCommand } from './commands/keys.ts';
import { addQuarantineCommand } from './commands/quarantine.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addReportCommand } from './commands/report.ts';
import { addSimulateCommand } from './commands/simulate.ts';

const program = new Command('mem')
  .description('Operate Mem: reports, experiments, keys, and counting again')
  .option('--system <file>', 'work on the system of this settings file (.mem/system.json)')
  .showHelpAfterError('(mem --help shows what is possible)');
addReportCommand(program);
addExperimentsCommand(program);
addKeysCommand(program);
addSimulateCommand(program);
addReplayCommand(program);
addGenerationsCommand(program);
addQuarantineCommand(program);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`mem: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
