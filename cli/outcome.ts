import { CommanderError } from 'commander';
import { printable } from './output/table.ts';

/** How a command ends: what a script can ask for. `unfinished` is sysexits' EX_TEMPFAIL. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2, unfinished: 75, cancelled: 130 } as const;

/** The command line itself cannot be carried out, whatever the system says. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It cannot be said now, and can be later. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

/** Somebody answered a question with Ctrl-C. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** @returns the exit code, once the reason is told on stderr: a sentence, and with `verbose` where it came from */
export function tellFailure(error: unknown, verbose: boolean, stderr: { write: (text: string) => unknown }): number {
  // Commander has told it already. Help and the version that were asked for are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
  if (error instanceof Cancelled) {
    stderr.write('mem: cancelled; nothing is changed\n');
    return EXIT.cancelled;
  }
  const lines = reasonOf(error).trimEnd().split('\n'); // names out of a stream or a foreign Redis may be among them
  stderr.write(`mem: ${lines.map(printable).join('\n')}\n`);
  if (verbose && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  if (error instanceof NotYet) return EXIT.unfinished;
  return error instanceof UsageError ? EXIT.wrongUsage : EXIT.failed;
}

/** What helps where AWS does not know who asks. */
export const SIGN_IN = 'sign in (aws configure, aws sso login), or set AWS_PROFILE';

/** The message, or what hides behind an error without one, such as several refused connections at once. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'CredentialsProviderError') return `${error.message}: ${SIGN_IN}`;
  if (error.name === 'MaxRetriesPerRequestError') return 'Redis does not answer';
  if ('code' in error && error.code === 'ECONNREFUSED') {
    return `${error.message}: nothing answers there; is the system running?`;
  }
  return error.message || error.name;
}
