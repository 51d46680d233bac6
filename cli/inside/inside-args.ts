/** Options that say which system; inside there is only one. */
const WHICH_SYSTEM = ['--stage', '--region', '--system'];

/** A replay comes back after so long, so that somebody sees that it goes on. */
const REPLAY_SECONDS = 120;

export interface InsideArgs {
  args: string[];
  /** A file of this machine that the output is for. */
  saveTo?: string;
}

/** A command line as it is to be run inside a stage's network: for its own system, and with files that stay here. */
export function toInsideArgs(argv: readonly string[]): InsideArgs {
  const { rest } = takeOptions(argv, WHICH_SYSTEM);
  if (rest.includes('replay') && !rest.some((arg) => arg.startsWith('--for'))) {
    rest.push('--for', String(REPLAY_SECONDS));
  }
  const { rest: args, values } = takeOptions(rest, ['--html']);
  const [saveTo] = values;
  return saveTo === undefined ? { args } : { args: [...args, '--html', '-'], saveTo };
}

/** The same command line, to go on with what was not finished; undefined where nothing says with what. */
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
