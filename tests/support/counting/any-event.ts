import fc from '../fast-check.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';

/** Text that may stand in an event: any Unicode but control characters and broken surrogates. */
export function texts(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const special = fc.constantFrom(':', '@', '%', '/', '+', '&', '=', '"', '\\', ' ', 'א', 'é', '\u2028', '😀', '%3A');
  // fc.string of one character would know all code points by name, which takes it two seconds.
  const anything = fc
    .integer({ min: 0, max: 0x10ffff })
    .map((code) => String.fromCodePoint(code))
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

/** The event as the query of GET /track. */
export function queryOf({ segments = {}, value, ...names }: TrackedEvent): string {
  const query = new URLSearchParams(names);
  if (value !== undefined) query.set('value', String(value));
  for (const [key, label] of Object.entries(segments)) query.set(`segment.${key}`, label);
  return query.toString();
}
