import type { CatchUpProgress } from '../../shared/counting/catch-up.ts';

const WIDTH = 24;
const REDRAW_MS = 200;

/** What is shown of work under way. */
interface State {
  /** From 0 to 1. */
  done: number;
  /** Such as `12,345 of 23,740 events`. */
  what: string;
  count: number;
  seconds: number;
  more?: string[];
}

interface Line {
  draw: (state: () => State) => void;
  /** Clears the line. */
  end: () => void;
}

export interface Bar extends Pick<Line, 'end'> {
  /** So many more are done. */
  add: (count: number) => void;
}

/** Shows how much of a known total is done. @param now ms since 1970 */
export function createBar(stream: NodeJS.WriteStream, total: number, noun: string, now: () => number): Bar {
  const { draw, end } = createLine(stream, now);
  const start = now();
  let count = 0;
  return {
    add(more) {
      count += more;
      draw(() => ({
        done: total === 0 ? 1 : count / total,
        what: `${count.toLocaleString('en')} of ${total.toLocaleString('en')} ${noun}`,
        count,
        seconds: (now() - start) / 1_000,
      }));
    },
    end,
  };
}

export interface Progress extends Pick<Line, 'end'> {
  onPage: (page: CatchUpProgress) => void;
}

/** Shows how far a replay is, between the arrival of its first page and now. @param now ms since 1970 */
export function createProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  const { draw, end } = createLine(stream, now);
  const start = now();
  let count = 0;
  let first: number | undefined;
  return {
    onPage({ records, arrival }) {
      count += records;
      if (arrival === undefined) return;
      const from = (first ??= arrival);
      draw(() => ({
        done: now() > from ? Math.min(1, (arrival - from) / (now() - from)) : 1,
        what: `${count.toLocaleString('en')} records`,
        count,
        seconds: (now() - start) / 1_000,
        more: [`lag ${Math.max(0, Math.round((now() - arrival) / 1_000))} s`],
      }));
    },
    end,
  };
}

/** One line of a terminal, drawn a few times a second; nothing where output is not a terminal. */
function createLine(stream: NodeJS.WriteStream, now: () => number): Line {
  let drawn = 0;
  return {
    draw(state) {
      if (!stream.isTTY || now() - drawn < REDRAW_MS) return;
      drawn = now();
      stream.write(`\r\u001b[K${progressLine(state())}`);
    },
    end() {
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

/** `████░░░░ 52 %  12,345 records  4,000/s  lag 3 s  about 5 s left` */
export function progressLine({ done, what, count, seconds, more = [] }: State): string {
  const filled = Math.round(done * WIDTH);
  const left = done > 0 ? (seconds * (1 - done)) / done : undefined;
  return [
    `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(done * 100)} %`,
    what,
    `${Math.round(count / Math.max(0.001, seconds)).toLocaleString('en')}/s`,
    ...more,
    ...(left === undefined ? [] : [`about ${Math.ceil(left)} s left`]),
  ].join('  ');
}
