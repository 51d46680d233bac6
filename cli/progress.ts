import type { CatchUpProgress } from '../shared/counting/catch-up.ts';

export interface Progress {
  onPage: (page: CatchUpProgress) => void;
  /** Ends the line. */
  end: () => void;
}

const WIDTH = 24;
const REDRAW_MS = 200;

/**
 * Draws how far a replay is, on one line of a terminal: records, the way in time, rate, time left, lag. Where output is
 * not a terminal it draws nothing.
 * @param now ms since 1970
 */
export function createProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  const start = now();
  let records = 0;
  let first: number | undefined;
  let drawn = 0;
  return {
    onPage(page) {
      records += page.records;
      if (page.arrival === undefined) return;
      first ??= page.arrival;
      if (!stream.isTTY || now() - drawn < REDRAW_MS) return;
      drawn = now();
      stream.write(`\r\u001b[K${describe({ records, first, reached: page.arrival, start, now: drawn })}`);
    },
    end() {
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

interface Progressed {
  records: number;
  /** Arrival of the first page's last record, ms. */
  first: number;
  /** Arrival of the newest record that was read, ms. */
  reached: number;
  /** When the replay began, ms. */
  start: number;
  now: number;
}

/** One line: `████░░░░ 52 %  12,345 records  4,000/s  lag 3 s  about 5 s left` */
export function describe({ records, first, reached, start, now }: Progressed): string {
  const done = now > first ? Math.min(1, (reached - first) / (now - first)) : 1;
  const seconds = Math.max(0.001, (now - start) / 1_000);
  const left = done > 0 ? (seconds * (1 - done)) / done : undefined;
  const filled = Math.round(done * WIDTH);
  return [
    `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(done * 100)} %`,
    `${records.toLocaleString('en')} records`,
    `${Math.round(records / seconds).toLocaleString('en')}/s`,
    `lag ${Math.max(0, Math.round((now - reached) / 1_000))} s`,
    ...(left === undefined ? [] : [`about ${Math.ceil(left)} s left`]),
  ].join('  ');
}
