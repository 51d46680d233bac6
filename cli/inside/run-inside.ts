import { writeFileSync } from 'node:fs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { EXIT } from '../outcome.ts';
import { during } from '../terminal.ts';
import { toInsideArgs, toResumed } from './inside-args.ts';
import type { InsideAnswer } from '../../functions/operate/handler.ts';

/** An invocation may last 15 minutes. */
const LONGEST_MS = 16 * 60_000;

/**
 * Runs a command line inside a stage's network, as often as it takes, and prints what it prints.
 * @param functionName the stage's function `operate`
 * @param argv as it was typed here
 * @returns its exit code
 * @throws Error where the function cannot be invoked
 */
export async function runInside(functionName: string, argv: readonly string[]): Promise<number> {
  const lambda = new LambdaClient({
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: LONGEST_MS }),
  });
  const { args, saveTo } = toInsideArgs(argv);
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
