import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours a text for a stream that is a terminal, unless NO_COLOR says otherwise. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Whether somebody can be asked: what is typed comes from a terminal, and what is asked is seen there. */
export function isAtTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Shows on the terminal that something is under way, as long as it is. Elsewhere it shows nothing. */
export async function during<T>(what: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work();
  const { default: createSpinner } = await import('yocto-spinner');
  const spinner = createSpinner({ text: what, stream: process.stderr }).start();
  try {
    return await work();
  } finally {
    spinner.stop();
  }
}

/** Ends quietly where the reader of a pipe has gone, and leaves no half-drawn line behind after Ctrl-C. */
export function keepTerminalClean(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
  process.once('SIGINT', () => {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K\u001b[?25h');
    process.exit(130);
  });
}
