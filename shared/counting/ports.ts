import type { CounterReader, Counters, GenerationStore } from './counters.ts';
import type { LayoutOne } from './layout-one/layout-one.ts';
import type { Member } from './limits/names.ts';
import type { Overflow } from './limits/overflow.ts';
import type { SequenceNumber } from '../contract/sequence-number.ts';
import type { Incarnation, ExperimentRef } from '../contract/experiment-id.ts';
import type { SalvagedDefinition } from '../contract/check-definition.ts';
import type { Definition, DefinitionChange } from '../contract/definition.ts';
import type { decodeRecord } from './stream-record.ts';
import type { EventLog } from './log/event-log.ts';

/** Owns what was refused: a uuid that must not count, whoever sends it again. */
export const TOMBSTONE_OWNER = 'nobody';

/** A wish to own an event's uuid. */
export interface ClaimRequest {
  /** 16 bytes: see claim-id.ts */
  id: Uint8Array;
  /**
   * `stream/shard/sequence#index`, which of the segments find no place after it (see overflow.ts), or TOMBSTONE_OWNER: who
   * is claiming. A retry of the same record finds its own claim.
   */
  owner: string;
  /** When the door received the event, ms: never the clock of the moment, so that a replay decides alike. */
  at: number;
}

/**
 * `unsettled`: nothing is known, as where DynamoDB throttles or does not answer; the same request may be made again. It
 * finds its own claim if the first one was written after all. What stands after `owned` was decided by the first one.
 */
export type ClaimOutcome = 'owned' | `owned~${Overflow}` | 'duplicate' | 'unsettled';

/** Looks up claims without making any. */
export interface ClaimReader {
  /**
   * Who owns each id, in their order: '' where nobody does, undefined where that cannot be told now. Read strongly
   * consistently. Never rejects.
   */
  readOwners: (ids: readonly Uint8Array[]) => Promise<(string | undefined)[]>;
}

export interface Claims extends ClaimReader {
  /**
   * Decides claims of different ids, many at a time; the outcomes are in the order of the requests. Never rejects.
   */
  claim: (requests: readonly ClaimRequest[]) => Promise<ClaimOutcome[]>;
}

/** How far the served counters have ever been in a shard: a Redis that is behind its checkpoint has lost writes. */
export interface Checkpoint {
  sequence: SequenceNumber;
  /** The shard's first record that was ever delivered: where counting began. */
  first: SequenceNumber;
  /** When the stream received the record at `sequence`, ms; missing where version 0.1.0 wrote it. */
  arrival?: number;
  /** When there was no record after it, or after one before it, last, ms. */
  end?: number;
}

export interface Checkpoints {
  /** Read strongly consistently; shards without a checkpoint are missing. */
  read: (shards: readonly string[]) => Promise<ReadonlyMap<string, Checkpoint>>;
  /** The checkpoints of all shards of a stream, or of every stream, read strongly consistently. */
  readAll: (stream?: string) => Promise<ReadonlyMap<string, Checkpoint>>;
  /**
   * Moves a checkpoint forwards. It never moves backwards: one that is further on already stays, and that is success.
   * @param first the first record of the batch; the first batch's is kept
   * @param arrival when the stream received the record at `sequence`, ms
   */
  advance: (shard: string, sequence: SequenceNumber, first: SequenceNumber, arrival?: number) => Promise<void>;
  /** Keeps when a shard had no record after its checkpoint's, ms, unless that has moved meanwhile. */
  sawEnd: (shard: string, sequence: SequenceNumber, at: number) => Promise<void>;
}

/** See experimentName() in experiment-id.ts. */
export type ExperimentName = string;

export interface Deletions {
  /** The incarnations of those experiments that were ever deleted, read strongly consistently. */
  read: (names: readonly ExperimentName[]) => Promise<ReadonlyMap<ExperimentName, Incarnation>>;
  readAll: () => Promise<ReadonlyMap<ExperimentName, Incarnation>>;
  /** Ends the present incarnation at a time a little ahead, and resolves when that time has come. */
  delete: (name: ExperimentName) => Promise<Incarnation>;
}

/** Records that had to be counted again, and had left the stream by then. */
export interface Loss {
  /** `stream/shard` */
  shard: string;
  generation: string;
  /** The first record that is missing, or the last one before it. */
  from: SequenceNumber;
  /** The first record that was there again, or the last one that should have been. */
  to: SequenceNumber;
  /** When the record at `to` was received, ms: counters are whole since then. */
  countedSince: number;
}

export interface Losses {
  /** Keeps a loss; the same one again replaces itself. */
  record: (loss: Loss) => Promise<void>;
  /** The losses of a generation, by shard. */
  read: (generation: string) => Promise<Loss[]>;
}

/** A stream record that could not be read, or of which some events may not count, and why. */
export interface QuarantinedRecord {
  shard: string;
  sequence: SequenceNumber;
  /** For programs, such as `unreadable` or `too_many_experiments`. */
  code: string;
  /** For people; of several events it is the first one's. */
  reason: string;
  /** How many of its events are refused; 0 where none can be read. */
  events: number;
  /** The record itself where it cannot be read, else JSON: `[{"code","reason","at","event"}]`. */
  data: Uint8Array;
}

/** As it lies in quarantine. */
export interface QuarantineEntry extends Omit<QuarantinedRecord, 'sequence' | 'shard'> {
  /** `stream/shard/sequence` */
  place: string;
  /** When it came there, ms since 1970. */
  at: number;
}

export interface Quarantine {
  /** Everything that is there, in no order. @param withData else `data` is empty: there may be a great deal of it */
  entries: (withData: boolean) => AsyncIterable<QuarantineEntry>;
  /** Keeps the record; the same one again replaces itself. Resolves when it is durable. */
  put: (record: QuarantinedRecord) => Promise<void>;
}

/** A definition as it can be used now. */
export interface StoredDefinition extends SalvagedDefinition {
  namespace: string;
  experiment: string;
  /** When it was written, ms since 1970. */
  writtenAt: number;
  /** Who changed what when, the oldest first; only where one definition is read. */
  changes?: DefinitionChange[];
}

/** An experiment through all its incarnations. */
export type ExperimentKey = Omit<ExperimentRef, 'incarnation'>;

export interface Definitions {
  read: (namespace: string, experiment: string) => Promise<StoredDefinition | undefined>;
  /** Those of some experiments, by experimentName(), read strongly consistently; many cost few requests. */
  readMany: (experiments: readonly ExperimentKey[]) => Promise<ReadonlyMap<string, StoredDefinition>>;
  /** Those of a namespace, or all, in no order. One that cannot be read carries its faults instead. */
  readAll: (namespace?: string) => Promise<StoredDefinition[]>;
  /**
   * Puts a checked definition in the place of the old one.
   * @param replaced when the old one was written, ms since 1970, null where there was none; missing: whatever is there
   * @param by who, for the log of changes
   * @returns when, ms since 1970; undefined, and nothing is written, where another one has come between
   */
  write: (
    namespace: string,
    experiment: string,
    definition: Definition,
    replaced?: number | null,
    by?: string,
  ) => Promise<number | undefined>;
  /** An unknown one is no error. */
  remove: (namespace: string, experiment: string) => Promise<void>;
}

/** Names that may count. Digests, so that ten thousand of them are far below the 400 KB of an item. */
export interface NameList {
  members: ReadonlySet<Member>;
  /** One more after each change; 0 where there is no list yet. */
  version: number;
}

export interface NameLists {
  /** Read strongly consistently; those that do not exist are empty. */
  read: (keys: readonly string[]) => Promise<ReadonlyMap<string, NameList>>;
  /** Puts `members` in the place of what a list had at `version`; false where somebody else has changed it since. */
  write: (key: string, members: ReadonlySet<Member>, version: number) => Promise<boolean>;
  /** For a list that nobody changes any more: its versions would begin again. */
  remove: (key: string) => Promise<void>;
}

export const EMPTY_LIST: NameList = { members: new Set(), version: 0 };

export interface Generations {
  /** A name that no generation has had before, such as `g7`: a number is handed out once and never used again. */
  next: () => Promise<string>;
}

export interface ShardLineage {
  /** The shards from which this one was split or merged, oldest first, as far as the stream still knows them. */
  ancestorsOf: (shard: string) => Promise<readonly string[]>;
}

/** What the stream itself knows of its shards. */
export interface StreamLineage extends ShardLineage {
  /** Whether it still knows the shard, as of the last answer of ancestorsOf(). */
  isListed: (shard: string) => boolean;
}

export interface StoredRecord {
  sequence: SequenceNumber;
  data: Uint8Array;
  /** When the stream received it, ms */
  arrival: number;
}

export interface Page {
  /** Can be empty while there is more to come. */
  records: StoredRecord[];
  /** The records between `after` and these have left the stream, or the shard has altogether. */
  trimmed: boolean;
  /** ms between the page's last record and the newest one of the shard */
  behindMs: number;
}

/** Reads a shard's records in order. */
export interface ShardReader {
  /**
   * Pages of the records after one of them, or from the oldest on, up to the newest there is when it gets there.
   * @param shardId as Kinesis names it
   */
  read: (shardId: string, after: SequenceNumber | undefined) => AsyncIterable<Page>;
}

/** What is known of the versions of stream records. */
export interface RecordFormats {
  decode: typeof decodeRecord;
  /** The highest version that a release of this stage may write, known to this one or not; read strongly consistently. */
  highest: () => Promise<number>;
}

/** Everything that counting reads and writes. */
export interface Stores {
  stream: string;
  counters: Counters;
  counterReader: CounterReader;
  claims: Claims;
  checkpoints: Checkpoints;
  quarantine: Quarantine;
  deletions: Deletions;
  generations: Generations;
  generationStore: GenerationStore;
  layoutOne: LayoutOne;
  losses: Losses;
  lineage: ShardLineage;
  reader: ShardReader;
  log: EventLog;
  formats: RecordFormats;
  now: () => number;
  close: () => void;
}
