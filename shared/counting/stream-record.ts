import { checkEvent, type StreamEvent } from '../contract/event.ts';
import { VERSIONS } from '../contract/versions.ts';
import { InvalidRecord, NewerRecord, messageOf } from '../runtime/errors.ts';

/** What one stream record holds: events of one request, received at one time. */
export interface EventBundle {
  /** Receipt time at the door, ms since 1970 UTC: a replay sees the same time as the first run. */
  at: number;
  events: StreamEvent[];
}

/** A record to be put: `data` is UTF-8 JSON. */
export interface OutgoingRecord {
  partitionKey: string;
  data: Uint8Array;
}

/** A longer request becomes several records, so that a retry never resends much. */
export const MAX_RECORD_BYTES = 64 * 1024;

/** Kinesis' own limit, in UTF-16 units; a unit may be longer, as its limit is in characters. */
const MAX_PARTITION_KEY = 256;

/** Version 2 may hold goals that name no experiment; what holds none is written as version 1, which 0.1.0 reads, too. */
type Version = 1 | 2;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Lays the events of one request into stream records of at most 64 KB.
 *
 * Events of one unit share a partition key, and so a shard and an order. The result is a list of waves: the records of
 * a wave may be put in any order, but a wave only after the one before it is acknowledged. Only a unit with more than
 * 64 KB of events needs a second wave; without it, a partly failed PutRecords could swap that unit's events.
 */
export function encodeRecords(bundle: EventBundle, randomKey: () => string): OutgoingRecord[][] {
  const waves: OutgoingRecord[][] = [];
  for (const [unit, events] of groupByUnit(bundle.events)) {
    packJson(events).forEach(({ version, json }, index) => {
      const data = encoder.encode(`{"v":${version},"at":${bundle.at},"events":[${json}]}`);
      const wave = unit === undefined ? 0 : index;
      (waves[wave] ??= []).push({ partitionKey: unit === undefined ? randomKey() : toPartitionKey(unit), data });
    });
  }
  return waves;
}

/**
 * Reads a stream record. Decoders are frozen per version: invocations of an older release read the same stream.
 * @param newest the highest version that is known
 * @throws InvalidRecord with the reason, for anything that `encodeRecords` did not write; NewerRecord for a version above
 *   the newest, whatever else the record holds
 */
export function decodeRecord(data: Uint8Array, newest: number = VERSIONS.record): EventBundle {
  if (data.byteLength > MAX_RECORD_BYTES) {
    throw new InvalidRecord(`expected at most ${MAX_RECORD_BYTES} bytes, got ${data.byteLength}`);
  }
  const { v, at, events } = parseObject(data);
  if (typeof v === 'number' && Number.isSafeInteger(v) && v > newest) throw new NewerRecord(v, newest);
  const version = v === 1 || v === 2 ? v : undefined;
  if (version === undefined) throw new InvalidRecord(`expected a record of version 1 to ${newest}, got ${describe(v)}`);
  if (!isReceiptTime(at)) throw new InvalidRecord(`at: expected ms since 1970, got ${describe(at)}`);
  if (!Array.isArray(events)) throw new InvalidRecord('events: expected an array');
  return { at, events: events.map((event, index) => toEvent(event, index, version)) };
}

function groupByUnit(events: StreamEvent[]): Map<string | undefined, StreamEvent[]> {
  const groups = new Map<string | undefined, StreamEvent[]>();
  for (const event of events) {
    const group = groups.get(event.unit);
    if (group) group.push(event);
    else groups.set(event.unit, [event]);
  }
  return groups;
}

/** The unit's beginning, never half of a character: Kinesis refuses broken Unicode. */
function toPartitionKey(unit: string): string {
  return unit.slice(0, MAX_PARTITION_KEY).replace(/[\uD800-\uDBFF]$/, '');
}

interface Piece {
  version: Version;
  json: string;
}

/**
 * A goal that names no experiment counts in up to 64 of them, and so many keys are changed for it: a record that holds
 * any has to fit into one Lua call, whatever its visitor has seen.
 */
const MAX_VISITOR_GOALS = 25;
const MAX_BESIDE_VISITOR_GOALS = 200;

/** Joins the events' JSON into as few pieces as fit into a record each. */
function packJson(events: StreamEvent[]): Piece[] {
  const roomForEnvelope = 100;
  const pieces: Piece[] = [];
  let piece: string[] = [];
  let bytes = 0;
  let goals = new Set<string>();
  for (const event of events) {
    const json = JSON.stringify(event);
    const length = Buffer.byteLength(json) + 1;
    const widened = event.experiment === undefined ? new Set(goals).add(event.event) : goals;
    const isFull = bytes + length > MAX_RECORD_BYTES - roomForEnvelope || countsTooWidely(widened, piece.length);
    if (piece.length > 0 && isFull) {
      pieces.push(toPiece(piece, goals));
      piece = [];
      bytes = 0;
      goals = new Set();
    }
    piece.push(json);
    bytes += length;
    if (event.experiment === undefined) goals.add(event.event);
  }
  pieces.push(toPiece(piece, goals));
  return pieces;
}

function toPiece(piece: readonly string[], { size }: ReadonlySet<string>): Piece {
  return { version: size > 0 ? 2 : 1, json: piece.join(',') };
}

function countsTooWidely({ size }: ReadonlySet<string>, events: number): boolean {
  return size > 0 && (size > MAX_VISITOR_GOALS || events >= MAX_BESIDE_VISITOR_GOALS);
}

function parseObject(data: Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(data));
  } catch (error) {
    throw new InvalidRecord(`expected JSON, got ${messageOf(error)}`, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null) throw new InvalidRecord('expected a JSON object');
  return parsed as Record<string, unknown>;
}

/** Of an object or array only the kind: one that is nested deeply overflows the stack of JSON.stringify. */
function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

function isReceiptTime(at: unknown): at is number {
  const year10000 = 253_402_300_800_000;
  return typeof at === 'number' && Number.isInteger(at) && at >= 0 && at < year10000;
}

function toEvent(candidate: unknown, index: number, version: Version): StreamEvent {
  const checked = checkEvent(candidate);
  if (!checked.ok) throw new InvalidRecord(`events[${index}]: ${checked.rejection.message}`);
  if (version === 1 && checked.event.experiment === undefined) {
    throw new InvalidRecord(`events[${index}]: experiment: expected a value in a record of version 1, got none`);
  }
  return checked.event;
}
