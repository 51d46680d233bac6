import type {
  Checkpoint,
  Checkpoints,
  ClaimReader,
  Deletions,
  Losses,
  Page,
  RecordFormats,
  ShardLineage,
  ShardReader,
  StoredRecord,
} from '../ports.ts';
import type { EventLog, LogFileHeader, LoggedEvent, LostBeginning } from './event-log.ts';
import { compareSequence, type SequenceNumber } from '../../contract/sequence-number.ts';
import { decodeBatch, findCountableEvents, type CountableEvent } from '../decode.ts';
import { readClaims } from '../dedupe.ts';
import { ancestorsOf, shardIdOf } from '../position.ts';

/** How far a shard's chain of files reaches. A cache: the files themselves are the truth. */
export interface ArchivePosition {
  /** Where the chain's last file begins; undefined for the first one. */
  from: SequenceNumber | undefined;
  /** Where it ends. */
  to: SequenceNumber;
  /** The stream held nothing after `to` at this time, ms; missing where that is not known. */
  nothingAfter?: number;
  /** Of which stream that was: see LogFileHeader. */
  streamCreatedAt: number;
}

export interface ArchivePositions {
  read: (shard: string) => Promise<ArchivePosition | undefined>;
  /** Never moves backwards: one that is further on already stays. */
  advance: (shard: string, position: ArchivePosition) => Promise<void>;
}

export interface ArchiveDeps {
  stream: string;
  log: EventLog;
  positions: ArchivePositions;
  checkpoints: Pick<Checkpoints, 'readAll'>;
  claims: ClaimReader;
  deletions: Pick<Deletions, 'read'>;
  formats: RecordFormats;
  losses: Pick<Losses, 'record'>;
  lineage: ShardLineage;
  reader: ShardReader;
  /** When the stream was made, ms. */
  streamCreatedAt: () => Promise<number>;
  /** How long the stream keeps a record, ms. */
  retentionMs: number;
  now: () => number;
  /** A file's rows are in memory until it is written: with so many it is. */
  maxRows: number;
  /** In which order the shards are read: a run that runs out of time does not come to the last ones. */
  inTurn: (shards: readonly string[]) => readonly string[];
  /** Told of each file that this run wrote. */
  onFile: (header: LogFileHeader, rows: number) => void;
  /** Told at the end how far each shard's log is behind what has been counted, ms. */
  onBehind: (shard: string, behindMs: number) => void;
}

/** Under this name the losses of the log stand beside those of the generations of counters. */
export const LOG_LOSSES = 'log';

/** Time that a page of records and the file may need: with less left, the next run goes on. */
const PAGE_MS = 10_000;
/** By how much clocks, and what the stream answers, may be behind. */
const MARGIN_MS = 3_600_000;

/**
 * Writes what has been counted since the last run into files, shard by shard. Any number of runs may be at it at once,
 * and each may end anywhere: the first writer of a file wins, and the others go on from where that one ends.
 * @returns whether the log has all that was counted when the run began
 */
export async function archive(deps: ArchiveDeps, timeLeft: () => number): Promise<boolean> {
  const checkpoints = await deps.checkpoints.readAll(deps.stream);
  const streamCreatedAt = checkpoints.size > 0 ? await deps.streamCreatedAt() : 0;
  let isLevel = true;
  for (const shard of deps.inTurn([...checkpoints.keys()].sort())) {
    const checkpoint = checkpoints.get(shard);
    if (!checkpoint) continue;
    const source = { shard, checkpoint, streamCreatedAt, ancestors: await ancestorsOf(shard, deps) };
    isLevel = (await archiveShard(source, deps, timeLeft)) && isLevel;
  }
  return isLevel;
}

/** A shard, and how far its records are decided: at or below the checkpoint every claim is, for good. */
interface Source {
  shard: string;
  ancestors: readonly string[];
  checkpoint: Checkpoint;
  streamCreatedAt: number;
}

async function archiveShard(source: Source, deps: ArchiveDeps, timeLeft: () => number): Promise<boolean> {
  const { shard, checkpoint } = source;
  let position = await findPosition(shard, deps);
  let arrival: number | undefined;
  while (position === undefined || compareSequence(position.to, checkpoint.sequence) < 0) {
    const draft = await collect(source, position, deps, timeLeft);
    if (draft.to === undefined) {
      deps.onBehind(shard, deps.now() - (arrival ?? draft.lastArrival ?? deps.now()));
      return false;
    }
    position = await write(toHeader(source, position, draft, draft.to), draft, deps);
    arrival = draft.lastArrival;
  }
  await noteEnd(source, position, deps);
  deps.onBehind(shard, 0);
  return true;
}

/** What was remembered, if the chain does end there; else what the chain's last file says. */
async function findPosition(shard: string, { log, positions }: ArchiveDeps): Promise<ArchivePosition | undefined> {
  const begins = await log.begins(shard);
  if (begins.length === 0) return undefined;
  const from = begins.at(-1);
  const remembered = await positions.read(shard);
  return remembered && remembered.from === from ? remembered : positionAt(shard, from, log);
}

async function positionAt(shard: string, from: SequenceNumber | undefined, log: EventLog): Promise<ArchivePosition> {
  const header = await log.header(shard, from);
  if (!header) throw new Error(`${shard}: the file after ${from ?? 'the beginning'} was there, and is gone`);
  return { from, to: header.to, streamCreatedAt: header.streamCreatedAt };
}

/** What the next file will stand for. */
interface Draft {
  events: LoggedEvent[];
  records: number;
  /** The last record that is decided. */
  to?: SequenceNumber;
  firstArrival?: number;
  lastArrival?: number;
  lost?: LostBeginning;
}

/** Reads the stream from where the log ends, up to the checkpoint, as far as claims can be read and a file may grow. */
async function collect(
  source: Source,
  position: ArchivePosition | undefined,
  deps: ArchiveDeps,
  timeLeft: () => number,
): Promise<Draft> {
  const { shard, checkpoint } = source;
  const draft: Draft = { events: [], records: 0 };
  for await (const page of deps.reader.read(shardIdOf(shard), position?.to)) {
    if (timeLeft() < PAGE_MS) return draft;
    const records = page.records.filter(({ sequence }) => compareSequence(sequence, checkpoint.sequence) <= 0);
    const [first] = records;
    if (first && draft.records === 0 && lacksBeginning(first, page, source, position, deps)) {
      draft.lost = { to: first.sequence, countedSince: first.arrival };
    }
    const areDecided = await take(shard, records, draft, deps);
    if (!areDecided || draft.to === checkpoint.sequence || draft.events.length >= deps.maxRows) return draft;
    if (page.records.length > records.length) break; // past the checkpoint, whose record is gone
  }
  if (draft.to !== undefined) return draft;
  // Nothing is left in the stream up to the checkpoint.
  const lost = { to: checkpoint.sequence, countedSince: deps.now() };
  return { ...draft, to: checkpoint.sequence, lost };
}

/** Adds the events of a page that count. @returns whether all of its records and claims could be read */
async function take(
  shard: string,
  records: readonly StoredRecord[],
  draft: Draft,
  deps: ArchiveDeps,
): Promise<boolean> {
  const batch = await decodeBatch(shard, records, deps.formats, alreadyQuarantined);
  const countable = await findCountableEvents(shard, batch.records, deps.deletions);
  const settled = await readClaims(countable, deps.claims);
  draft.events.push(...settled.owned.map(toLogged));
  draft.records += settled.records;
  const last = records[settled.records - 1];
  if (last) {
    draft.to = last.sequence;
    draft.firstArrival ??= records[0]?.arrival ?? last.arrival;
    draft.lastArrival = last.arrival;
  }
  return settled.records === records.length;
}

/** In quarantine since the consumer met it. */
const alreadyQuarantined = () => Promise.resolve();

function toLogged({ event, incarnation, claim }: CountableEvent): LoggedEvent {
  const [, sequence = '', index = ''] = /\/(\d+)#(\d+)$/.exec(claim.owner) ?? [];
  return { event, incarnation, at: claim.at, sequence, index: Number(index) };
}

/**
 * Whether records between the end of the log and the first one that is there were counted and have left the stream. The
 * record at the log's end being gone proves nothing for an idle shard: if the stream held nothing after it less than a
 * retention ago, nothing can have come and gone unseen.
 */
function lacksBeginning(
  first: StoredRecord,
  { trimmed }: Page,
  { checkpoint, streamCreatedAt }: Source,
  position: ArchivePosition | undefined,
  { now, retentionMs }: ArchiveDeps,
): boolean {
  if (position === undefined) return compareSequence(first.sequence, checkpoint.first) > 0;
  if (!trimmed) return false;
  const { nothingAfter } = position;
  const isKnown = nothingAfter !== undefined && position.streamCreatedAt === streamCreatedAt;
  return !isKnown || now() - nothingAfter > retentionMs - MARGIN_MS;
}

function toHeader(
  { shard, ancestors, streamCreatedAt }: Source,
  position: ArchivePosition | undefined,
  { records, firstArrival, lastArrival, lost }: Draft,
  to: SequenceNumber,
): LogFileHeader {
  const arrival = lost?.countedSince ?? 0;
  return {
    ...{ shard, streamCreatedAt, ancestors, from: position?.to, to, records },
    firstArrival: firstArrival ?? arrival,
    lastArrival: lastArrival ?? arrival,
    ...(lost && { lost }),
  };
}

/** Whoever comes second goes on from where the first one's file ends. */
async function write(header: LogFileHeader, { events, lost }: Draft, deps: ArchiveDeps): Promise<ArchivePosition> {
  const { shard, from, to, streamCreatedAt } = header;
  if ((await deps.log.append(header, events)) === 'exists') return positionAt(shard, from, deps.log);
  deps.onFile(header, events.length);
  if (lost) {
    const loss = { shard, generation: LOG_LOSSES, from: from ?? to, to: lost.to, countedSince: lost.countedSince };
    await deps.losses.record(loss);
  }
  const position = { from, to, streamCreatedAt };
  await deps.positions.advance(shard, position);
  return position;
}

/** Looks whether the stream holds more than has been counted: if not, that is worth knowing later. */
async function noteEnd(
  { shard, streamCreatedAt }: Source,
  position: ArchivePosition,
  deps: ArchiveDeps,
): Promise<void> {
  const nothingAfter = deps.now();
  for await (const { records } of deps.reader.read(shardIdOf(shard), position.to)) if (records.length > 0) return;
  await deps.positions.advance(shard, { ...position, streamCreatedAt, nothingAfter });
}
