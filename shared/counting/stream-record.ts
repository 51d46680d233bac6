import { checkEvent, type TrackedEvent } from '../contract/event.ts';
import { InvalidRecord, messageOf } from '../runtime/errors.ts';

/** What one stream record holds: events of one request, received at one time. */
export interface EventBundle {
  /** Receipt time at the door, ms since 1970 UTC: a replay sees the same time as the first run. */
  at: number;
  events: TrackedEvent[];
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
const VERSION = 1;
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
    packJson(events).forEach((json, index) => {
      const data = encoder.encode(`{"v":${VERSION},"at":${bundle.at},"events":[${json}]}`);
      const wave = unit === undefined ? 0 : index;
      (waves[wave] ??= []).push({ partitionKey: unit === undefined ? randomKey() : toPartitionKey(unit), data });
    });
  }
  return waves;
}

/**
 * Reads a stream record. Decoders are frozen per version: invocations of an older release read the same stream.
 * @throws InvalidRecord with the reason, for anything that `encodeRecords` did not write.
 */
export function decodeRecord(data: Uint8Array): EventBundle {
  if (data.byteLength > MAX_RECORD_BYTES) {
    throw new InvalidRecord(`expected at most ${MAX_RECORD_BYTES} bytes, got ${data.byteLength}`);
  }
  const { v, at, events } = parseObject(data);
  if (v !== VERSION) throw new InvalidRecord(`expected a record of version ${VERSION}, got ${describe(v)}`);
  if (!isReceiptTime(at)) throw new InvalidRecord(`at: expected ms since 1970, got ${describe(at)}`);
  if (!Array.isArray(events)) throw new InvalidRecord('events: expected an array');
  return { at, events: events.map(toEvent) };
}

function groupByUnit(events: TrackedEvent[]): Map<string | undefined, TrackedEvent[]> {
  const groups = new Map<string | undefined, TrackedEvent[]>();
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

/** Joins the events' JSON into as few pieces as fit into a record each. */
function packJson(events: TrackedEvent[]): string[] {
  const roomForEnvelope = 100;
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const event of events) {
    const json = JSON.stringify(event);
    const length = Buffer.byteLength(json) + 1;
    if (piece !== '' && bytes + length > MAX_RECORD_BYTES - roomForEnvelope) {
      pieces.push(piece);
      piece = '';
      bytes = 0;
    }
    piece += piece === '' ? json : `,${json}`;
    bytes += length;
  }
  pieces.push(piece);
  return pieces;
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

function toEvent(candidate: unknown, index: number): TrackedEvent {
  const checked = checkEvent(candidate);
  if (!checked.ok) throw new InvalidRecord(`events[${index}]: ${checked.rejection.message}`);
  return checked.event;
}
