const WIDTH = 24;
const REDRAW_MS = 100;

export interface Bar {
  /** So many more are done. */
  add: (count: number) => void;
  end: () => void;
}

/** One line of a terminal that shows how much of a known whole is done; nothing where output is no terminal. */
export function createBar(stream: NodeJS.WriteStream, whole: number, noun: string, now: () => number): Bar {
  const start = now();
  let done = 0;
  let drawn = 0;
  return {
    add(count) {
      done += count;
      if (!stream.isTTY || now() - drawn < REDRAW_MS) return;
      drawn = now();
      stream.write(`\r\u001b[K${barLine(done, whole, noun, (drawn - start) / 1_000)}`);
    },
    end() {
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

/** `████░░░░  52 %  12,345 of 23,740 events  4,000/s  about 3 s left` */
export function barLine(done: number, whole: number, noun: string, seconds: number): string {
  const share = whole === 0 ? 1 : done / whole;
  const filled = Math.round(share * WIDTH);
  const rate = done / Math.max(0.001, seconds);
  return [
    `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(share * 100)} %`,
    `${done.toLocaleString('en')} of ${whole.toLocaleString('en')} ${noun}`,
    `${Math.round(rate).toLocaleString('en')}/s`,
    ...(rate > 0 ? [`about ${Math.ceil((whole - done) / rate)} s left`] : []),
  ].join('  ');
}
