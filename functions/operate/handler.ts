import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Context } from 'aws-lambda';
import type { InsideAnswer, InsideRequest } from '../../cli/inside.ts';

/** Says that the program runs in here: then it runs only what cli/inside-commands.ts allows. */
const CHILD = 'MEM_INSIDE';

/** What is left of an invocation's time to answer in. */
const ANSWER_MS = 10_000;

/** Lambda takes 6 MB as an answer; text grows when it is written as JSON. */
const MOST_CHARACTERS = 3_000_000;

/**
 * Runs the command `mem` inside the stage's own network, where its Redis can be reached. Only who may invoke this function
 * gets here; it may do what its role may do. A process of its own cannot spoil the next invocation.
 */
export const handler = async ({ args }: InsideRequest, context: Context): Promise<InsideAnswer> => {
  const child = spawn(process.execPath, [__filename, ...args], {
    env: { ...process.env, [CHILD]: 'yes', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const deadline = setTimeout(() => child.kill('SIGTERM'), context.getRemainingTimeInMillis() - ANSWER_MS);
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  try {
    const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (exitCode === null) return failure(`${stderr}mem: it took longer than an invocation may\n`);
    if (stdout.length > MOST_CHARACTERS) {
      return failure(`${stderr}mem: it printed more than can be brought out: ask the report API\n`);
    }
    return { exitCode, stdout, stderr };
  } finally {
    clearTimeout(deadline);
  }
};

function failure(stderr: string): InsideAnswer {
  return { exitCode: 1, stdout: '', stderr };
}

// This file is the program, too: a function's package holds one file.
if (process.env[CHILD] === 'yes') void import('../../cli/mem.ts');
