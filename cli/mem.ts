import { Command } from 'commander';
import { addGenerationsCommand } from './commands/generations.ts';
import { addReplayCommand } from './commands/replay.ts';

const program = new Command('mem')
  .description('Operate Mem: count again, compare, and look after generations')
  .option('--system <file>', 'work on the system of this settings file (.mem/system.json)')
  .showHelpAfterError('(mem --help shows what is possible)');
addReplayCommand(program);
addGenerationsCommand(program);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`mem: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
