import type { Code } from './codes.ts';
import type { Visitor } from './visitor-record.ts';

/** A visitor's record as it was read; undefined where there was none. */
export type ReadRecord = { digest: Buffer; content: Buffer } | undefined;

/** A record that was read, and with what it is replaced, if it is; with nothing at all where that is empty. */
export interface RecordUpdate {
  visitor: Visitor;
  read: ReadRecord;
  content?: Buffer;
}

/** What the fold of visitors' records needs. */
export interface VisitorRecords {
  /** The records of visitors, in their order. */
  readVisitors: (generation: string, visitors: readonly Visitor[]) => Promise<ReadRecord[]>;
  /** Visitors whose goals wait, all received before a time (ms), and were counted in a shard; the oldest first. */
  readWaiting: (generation: string, shard: string, before: number, most: number) => Promise<Visitor[]>;
  /** The entries of dictionaries, in their order. */
  readCodes: (generation: string, of: readonly string[]) => Promise<Map<Code, string>[]>;
}

export interface VisitorStore extends VisitorRecords {
  /**
   * Replaces records, each only if it is still what was read. An empty content removes one.
   * @returns for each whether it was replaced; nothing where the guard does not stand any more
   */
  replace: (generation: string, updates: readonly RecordUpdate[], guard?: Guard) => Promise<boolean[]>;
  /** The records of one bucket. */
  readBucket: (generation: string, namespace: string, bucket: number) => Promise<FoundRecord[]>;
}

/** A key, and what it has to hold. */
export interface Guard {
  key: string;
  value: string;
}

export interface FoundRecord {
  visitor: Visitor;
  read: ReadRecord;
}
