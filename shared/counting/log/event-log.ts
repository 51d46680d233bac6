import type { StreamEvent } from '../../contract/event.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';
import { PermanentError } from '../../runtime/errors.ts';

/** An event that counted, with everything that counting it again needs. */
export interface LoggedEvent {
  event: StreamEvent;
  incarnation: number;
  /** Receipt time, ms since 1970. */
  at: number;
  /** Of the stream record that it was in, and its place in there. */
  sequence: SequenceNumber;
  index: number;
}

/** What a file says of itself. The files of a shard form one chain: each begins where the one before it ends. */
export interface LogFileHeader {
  /** `stream/shard` */
  shard: string;
  /** When the stream was made, ms: one that was deleted and made again has the same shard names. */
  streamCreatedAt: number;
  /** Of the shard, oldest first, as `stream/shard`: lineage outlives the stream's own memory. */
  ancestors: readonly string[];
  /** The record after which the file begins; undefined for a shard's first file. */
  from: SequenceNumber | undefined;
  /** The last record that it stands for, whether or not it has a row. */
  to: SequenceNumber;
  /** How many records of the stream were read for it. */
  records: number;
  /** Arrival of its first and last record, ms; the same for a file without records. */
  firstArrival: number;
  lastArrival: number;
  /** Set where the stream no longer held what the file begins with. */
  lost?: LostBeginning;
}

export interface LostBeginning {
  /** The first record that was there again. */
  to: SequenceNumber;
  /** When it arrived, ms: the rows are whole since then. */
  countedSince: number;
}

/** A run of a file's rows, in stream order. */
export interface LogPage {
  events: LoggedEvent[];
  /** Everything up to here has been read, whether or not it has a row. */
  through: SequenceNumber;
  /** Of the file's last record, ms. */
  arrival: number;
  /** Set on the first page of a file that lacks its beginning. */
  lost?: LostBeginning;
}

/** Every event that counted, once, in files that never change. */
export interface EventLog {
  /** Adds a file unless there is one that begins after the same record: the first writer wins. */
  append: (header: LogFileHeader, events: readonly LoggedEvent[]) => Promise<'written' | 'exists'>;
  /** Every shard that has files, as `stream/shard`, in order. */
  shards: () => Promise<string[]>;
  /** Where the shard's files begin, in order. */
  begins: (shard: string) => Promise<(SequenceNumber | undefined)[]>;
  /** @throws UnusableLogFile */
  header: (shard: string, from: SequenceNumber | undefined) => Promise<LogFileHeader | undefined>;
  /**
   * The rows after a record, in pages, up to the end of the chain.
   * @param onUnusable told of a file that is damaged or missing, after which reading goes on with the next one: what
   *   the file stood for is lost, and said to be
   * @throws UnusableLogFile where that is not given, or the file is newer; before any of the file's rows
   */
  read: (
    shard: string,
    after: SequenceNumber | undefined,
    onUnusable?: (fault: UnusableLogFile) => void,
  ) => AsyncIterable<LogPage>;
  /**
   * Changes rows of all files, each of which stays in its place of its chain. Whoever reads meanwhile sees a file as it
   * was or as it will be.
   * @throws UnusableLogFile at a file that cannot be read; those before it are done
   */
  rewrite: (change: RowChange) => Promise<Rewritten>;
}

/** @returns the row itself where it stays as it is, undefined where it goes */
export type RowChange = (row: LoggedEvent) => LoggedEvent | undefined;

/** Files that were written anew, and how many of their rows are others or gone. */
export interface Rewritten {
  files: number;
  rows: number;
}

/** A file of the log that cannot be used: nothing of it is counted. The message says what to do. */
export class UnusableLogFile extends PermanentError {
  override name = 'UnusableLogFile';

  constructor(
    readonly fault: 'damaged' | 'missing' | 'newer',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Where no log is kept: there is nothing to read, and nothing is written. */
export const NO_EVENT_LOG: EventLog = {
  append: () => Promise.reject(new PermanentError('no event log is kept here: the setting eventLog is false')),
  shards: () => Promise.resolve([]),
  begins: () => Promise.resolve([]),
  header: () => Promise.resolve(undefined),
  async *read() {
    // nothing was ever written
  },
  rewrite: () => Promise.resolve({ files: 0, rows: 0 }),
};
