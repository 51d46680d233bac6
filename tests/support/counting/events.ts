import type { Deletions } from '../../../shared/counting/ports.ts';
import fc from '../fast-check.ts';
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

/** Text that may stand in an event: any Unicode but control characters and broken surrogates. */
export function texts(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const special = fc.constantFrom(':', '@', '%', '/', '+', '&', '=', '"', '\\', ' ', 'א', 'é', '\u2028', '😀', '%3A');
  const anything = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 1 })
    .filter((text) => /^[^\p{Cc}\p{Cs}]$/u.test(text));
  return fc
    .array(fc.oneof(special, anything, fc.constantFrom('a', 'b', 'A', '1', '.', '_', '-')), {
      minLength,
      maxLength: Math.min(maxLength, 20),
    })
    .map((characters) => characters.join(''))
    .filter((text) => Array.from(text).length >= minLength);
}

const segmentKeys = fc.oneof(
  fc.constantFrom('platform', '__proto__', 'constructor', 'a.b-c_d'),
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,32}$/),
);

/** Any valid event. */
export const trackedEvents: fc.Arbitrary<TrackedEvent> = fc.record(
  {
    namespace: texts(0, 256),
    experiment: texts(1, 256),
    variant: texts(1, 256),
    event: fc.oneof(fc.constant('participate'), texts(1, 256)),
    uuid: texts(1, 256),
    unit: texts(1, 256),
    value: fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    segments: fc
      .uniqueArray(fc.tuple(segmentKeys, texts(1, 64)), { maxLength: 8, selector: ([key]) => key })
      .map((segments) => Object.fromEntries(segments)),
  },
  { requiredKeys: ['namespace', 'experiment', 'variant', 'event', 'uuid'] },
);

/** A goal that names no experiment; its uuid is another at each call. */
export function aVisitorGoal(changes: Partial<VisitorGoal> = {}): VisitorGoal {
  made += 1;
  return { namespace: 'alephbet', event: 'bought', uuid: `uuid-${made}`, unit: 'ann', ...changes };
}

/** Marks of deletion, of which there are none. */
export const nothingDeleted: Pick<Deletions, 'read'> = { read: () => Promise.resolve(new Map()) };

/** The event as the query of GET /track. */
export function queryOf({ segments = {}, value, ...names }: TrackedEvent): string {
  const query = new URLSearchParams(names);
  if (value !== undefined) query.set('value', String(value));
  for (const [key, label] of Object.entries(segments)) query.set(`segment.${key}`, label);
  return query.toString();
}
