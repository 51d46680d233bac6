import { allowOnlyInside } from './inside-commands.ts';
import { createProgram } from './program.ts';
import { EXIT, tellFailure } from './outcome.ts';
import { keepTerminalClean } from './output/terminal.ts';

// It would be printed on Node 20, where everything works.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

keepTerminalClean();
const program = process.env.MEM_INSIDE === 'yes' ? allowOnlyInside(createProgram()) : createProgram();
program.parseAsync().catch((error: unknown) => {
  const verbose = program.opts<{ verbose?: boolean }>().verbose ?? process.env.DEBUG === 'mem';
  const code = tellFailure(error, verbose, process.stderr);
  if (code !== EXIT.done) process.exitCode = code;
});
