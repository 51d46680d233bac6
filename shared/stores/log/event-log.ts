import {
  UnusableLogFile,
  type EventLog,
  type LoggedEvent,
  type LogPage,
  type RowChange,
} from '../../counting/log/event-log.ts';
import { compareSequence, type SequenceNumber } from '../../contract/sequence-number.ts';
import { encodeEventFile, openEventFile, type EventFile } from './event-file.ts';
import type { Objects } from './objects.ts';

/** Files of other kinds, and of versions to come, have other beginnings. */
export const EVENTS = 'events/v1/';
const ENDING = '.parquet';
/** Where a shard's first file begins. */
const START = 'start';

/** The event log, as files. */
export function createEventLog(objects: Objects): EventLog {
  async function begins(shard: string): Promise<(SequenceNumber | undefined)[]> {
    const keys = [...(await objects.list(`${EVENTS}${shard}/`)).keys()].filter((key) => key.endsWith(ENDING));
    const names = keys.map((key) => key.slice(key.lastIndexOf('/') + 1, -ENDING.length));
    const sequences = names.filter((name) => name !== START).sort(compareSequence);
    return [...(names.includes(START) ? [undefined] : []), ...sequences];
  }

  async function open(shard: string, from: SequenceNumber | undefined): Promise<EventFile | undefined> {
    const key = keyOf(shard, from);
    const bytes = await objects.get(key);
    return bytes && openEventFile(bytes, `${objects.name}/${key}`);
  }

  /** Begins to open a file whose turn is yet to come; a failure is told then. */
  function openAhead(shard: string, from: SequenceNumber | undefined): Promise<EventFile | undefined> {
    const file = open(shard, from);
    file.catch(() => undefined);
    return file;
  }

  function missing(shard: string, from: SequenceNumber | undefined): UnusableLogFile {
    return new UnusableLogFile(
      'missing',
      `${objects.name}/${keyOf(shard, from)} is missing: the file before it ends there, and there are later ones. ` +
        'Put it back from a backup; nothing after it is counted without it.',
    );
  }

  return {
    async append(header, events) {
      const written = await objects.create(keyOf(header.shard, header.from), encodeEventFile(header, events));
      return written ? 'written' : 'exists';
    },

    async rewrite(change) {
      const rewritten = { files: 0, rows: 0 };
      for (const key of (await objects.list(EVENTS)).keys()) {
        if (!key.endsWith(ENDING)) continue;
        const rows = await rewriteFile(objects, key, change);
        rewritten.rows += rows;
        if (rows > 0) rewritten.files += 1;
      }
      return rewritten;
    },

    async shards() {
      const keys = [...(await objects.list(EVENTS)).keys()].filter((key) => key.endsWith(ENDING));
      return [...new Set(keys.map((key) => key.slice(EVENTS.length, key.lastIndexOf('/'))))].sort();
    },

    begins,
    header: async (shard, from) => (await open(shard, from))?.header,

    async *read(shard, after, onUnusable) {
      const all = await begins(shard);
      const froms = all.slice(
        Math.max(
          0,
          all.findLastIndex((from) => isAtOrBefore(from, after)),
        ),
      );
      /** Where the next file has to begin. */
      let expected = isAtOrBefore(froms[0], after) ? froms[0] : after;
      let isGap = false;
      // The next file is fetched while this one is counted.
      let next = froms.length > 0 ? openAhead(shard, froms[0]) : undefined;
      for (const [index, from] of froms.entries()) {
        const fetched = next;
        next = index + 1 < froms.length ? openAhead(shard, froms[index + 1]) : undefined;
        if (from !== expected && !isGap) {
          tell(missing(shard, expected), onUnusable);
          isGap = true;
        }
        const file = await openOrTell(fetched, () => missing(shard, from), onUnusable);
        if (!file) {
          isGap = true;
          continue;
        }
        if (isGap && from !== undefined) yield pageOfGap(from, file);
        isGap = false;
        expected = file.header.to;
        yield* pagesAfter(file, after);
      }
    },
  };
}

/** @returns how many of the file's rows are others now, or gone */
async function rewriteFile(objects: Objects, key: string, change: RowChange): Promise<number> {
  for (;;) {
    const read = await objects.get(key);
    if (!read) return 0;
    const { header, pages } = openEventFile(read, `${objects.name}/${key}`);
    const events: LoggedEvent[] = [];
    let changed = 0;
    for await (const page of pages()) {
      for (const row of page) {
        const after = change(row);
        if (after !== row) changed += 1;
        if (after) events.push(after);
      }
    }
    if (changed === 0 || (await objects.replace(key, encodeEventFile(header, events), read))) return changed;
  }
}

type OnUnusable = ((fault: UnusableLogFile) => void) | undefined;

/** @throws the fault itself where nobody wants to be told, or an update is all that it takes */
function tell(fault: unknown, onUnusable: OnUnusable): void {
  if (!(fault instanceof UnusableLogFile) || fault.fault === 'newer' || !onUnusable) throw fault;
  onUnusable(fault);
}

/** @returns undefined for a file that cannot be used, where somebody was told */
async function openOrTell(
  fetched: Promise<EventFile | undefined> | undefined,
  isMissing: () => UnusableLogFile,
  onUnusable: OnUnusable,
): Promise<EventFile | undefined> {
  try {
    const file = await fetched;
    if (file) return file;
    throw isMissing();
  } catch (error) {
    tell(error, onUnusable);
    return undefined;
  }
}

function pageOfGap(to: SequenceNumber, { header: { firstArrival } }: EventFile): LogPage {
  return { events: [], through: to, arrival: firstArrival, lost: { to, countedSince: firstArrival } };
}

/** The rows of one file after a record. The events of one record are never parted. */
async function* pagesAfter({ header, pages }: EventFile, after: SequenceNumber | undefined): AsyncGenerator<LogPage> {
  const { to, lost, lastArrival: arrival } = header;
  const isAfter = (sequence: SequenceNumber) => after === undefined || compareSequence(sequence, after) > 0;
  if (!isAfter(to)) return;
  let told = lost === undefined || !isAfter(lost.to);
  const pageOf = (events: LoggedEvent[], through: SequenceNumber): LogPage => {
    const page = { events, through, arrival, ...(!told && lost && { lost }) };
    told = true;
    return page;
  };

  let held: LoggedEvent[] = [];
  for await (const rows of pages()) {
    const events = [...held, ...rows.filter(({ sequence }) => isAfter(sequence))];
    const last = events.at(-1)?.sequence;
    const whole = events.findLastIndex(({ sequence }) => sequence !== last) + 1;
    held = events.slice(whole);
    const through = events[whole - 1]?.sequence;
    if (through !== undefined) yield pageOf(events.slice(0, whole), through);
  }
  yield pageOf(held, to);
}

function keyOf(shard: string, from: SequenceNumber | undefined): string {
  return `${EVENTS}${shard}/${from ?? START}${ENDING}`;
}

function isAtOrBefore(from: SequenceNumber | undefined, after: SequenceNumber | undefined): boolean {
  if (from === undefined) return true;
  return after !== undefined && compareSequence(from, after) <= 0;
}
