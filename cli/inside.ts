import { writeFileSync } from 'node:fs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { EXIT } from './outcome.ts';
import { during } from './output/terminal.ts';

/** A command line, without the name of the command and without options that say which system. */
export interface InsideRequest {
  args: string[];
}

export interface InsideAnswer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** An invocation may last 15 minutes. */
const LONGEST_MS = 16 * 60_000;

/**
 * Runs a command line inside a stage's network, as often as it takes, and prints what it prints.
 * @param functionName the stage's function `operate`
 * @param command which one it is, as pathOf() says
 * @param argv as it was typed here
 * @returns its exit code
 * @throws Error where the function cannot be invoked
 */
export async function runInside(functionName: string, command: string, argv: readonly string[]): Promise<number> {
  const lambda = new LambdaClient({
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: LONGEST_MS }),
  });
  const { args, saveTo } = toInsideArgs(command, argv);
  let asked: string[] | undefined = args;
  let exitCode: number = EXIT.failed;
  while (asked) {
    const sent: string[] = asked;
    const answer = await during(`Running inside the network: ${functionName}`, () =>
      invoke(lambda, functionName, sent),
    );
    process.stderr.write(answer.stderr);
    if (saveTo !== undefined && answer.exitCode === EXIT.done) {
      writeFileSync(saveTo, answer.stdout);
      process.stderr.write(`${saveTo} is written.\n`);
    } else process.stdout.write(answer.stdout);
    exitCode = answer.exitCode;
    asked = exitCode === EXIT.unfinished ? toResumed(sent, answer.stderr) : undefined;
  }
  return exitCode;
}

async function invoke(lambda: LambdaClient, FunctionName: string, args: string[]): Promise<InsideAnswer> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify({ args }) }),
  );
  const answer = JSON.parse(Payload?.transformToString() ?? '{}') as InsideAnswer & { errorMessage?: string };
  if (FunctionError !== undefined || typeof answer.stdout !== 'string') {
    throw new Error(`${FunctionName}: ${answer.errorMessage ?? 'gave no answer'}`);
  }
  return answer;
}

/** Options that say which system; inside there is only one. */
const WHICH_SYSTEM = ['--stage', '--region', '--system'];

/** A replay returns after so long and is resumed, so that its progress is seen. */
const REPLAY_SECONDS = 120;

export interface InsideArgs {
  args: string[];
  /** A file of this machine that the output is for. */
  saveTo?: string;
}

/**
 * A command line as it is to be run inside a stage's network: for its own system, and with files that stay here.
 * @param command which one it is, as pathOf() says
 */
export function toInsideArgs(command: string, argv: readonly string[]): InsideArgs {
  const { rest } = takeOptions(argv, WHICH_SYSTEM);
  if (command === 'replay' && !rest.some((arg) => arg.startsWith('--for'))) {
    rest.push('--for', String(REPLAY_SECONDS));
  }
  const { rest: args, values } = takeOptions(rest, ['--html']);
  const [saveTo] = values;
  return saveTo === undefined ? { args } : { args: [...args, '--html', '-'], saveTo };
}

/** The same command line, to resume what is incomplete; undefined where nothing says what that is. */
export function toResumed(args: readonly string[], said: string): string[] | undefined {
  const [, generation] = /--resume (g\d+)/.exec(said) ?? [];
  return generation === undefined ? undefined : [...takeOptions(args, ['--resume']).rest, '--resume', generation];
}

function takeOptions(argv: readonly string[], names: readonly string[]): { rest: string[]; values: string[] } {
  const [rest, values]: [string[], string[]] = [[], []];
  for (let i = 0; i < argv.length; i += 1) {
    const [name = '', ...value] = (argv[i] ?? '').split('=');
    if (!names.includes(name)) rest.push(argv[i] ?? '');
    else if (value.length > 0) values.push(value.join('='));
    else values.push(argv[(i += 1)] ?? '');
  }
  return { rest, values };
}
