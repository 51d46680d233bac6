import type { RecordFormats } from '../../../shared/counting/ports.ts';
import { decodeRecord } from '../../../shared/counting/stream-record.ts';
import { VERSIONS } from '../../../shared/contract/versions.ts';
import type { Deletions } from '../../../shared/counting/ports.ts';
import type { StreamEvent, TrackedEvent, VisitorGoal } from '../../../shared/contract/event.ts';
import type { ShardRecord } from '../../../shared/counting/decode.ts';

let made = 0;

/** A valid event; its uuid is another at each call. */
export function anEvent(changes: Partial<TrackedEvent> = {}): TrackedEvent {
  made += 1;
  return {
    namespace: 'alephbet',
    experiment: 'button',
    variant: 'red',
    event: 'participate',
    uuid: `uuid-${made}`,
    ...changes,
  };
}

/** 2026-11-20 12:00 UTC */
export const NOON = Date.UTC(2026, 10, 20, 12);
export const DAY_MS = 86_400_000;

/** The n-th sequence number of a stream: 56 digits, as Kinesis has them. */
export function sequenceOf(n: number): string {
  return (49_600_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000n * 10n + BigInt(n)).toString();
}

/** The n-th record of a shard. */
export function aRecord(n: number, events: readonly StreamEvent[], at = NOON): ShardRecord {
  return {
    sequence: sequenceOf(n),
    data: bytesOf({ v: events.some(({ experiment }) => experiment === undefined) ? 2 : 1, at, events }),
  };
}

export function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** A goal that names no experiment; its uuid is another at each call. */
export function aVisitorGoal(changes: Partial<VisitorGoal> = {}): VisitorGoal {
  made += 1;
  return { namespace: 'alephbet', event: 'bought', uuid: `uuid-${made}`, unit: 'ann', ...changes };
}

/** Marks of deletion, of which there are none. */
/** What this release knows of stream records. */
export const ownFormats: RecordFormats = {
  decode: decodeRecord,
  highest: () => Promise.resolve(VERSIONS.record),
};

export const nothingDeleted: Pick<Deletions, 'read'> = { read: () => Promise.resolve(new Map()) };
