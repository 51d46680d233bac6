import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { InvalidRecord } from '../../../shared/runtime/errors.ts';
import type { StreamEvent, TrackedEvent } from '../../../shared/contract/event.ts';
import { decodeRecord, encodeRecords, MAX_RECORD_BYTES } from '../../../shared/counting/stream-record.ts';
import { trackedEvents } from '../../support/counting/any-event.ts';
import { anEvent, aVisitorGoal, bytesOf, NOON } from '../../support/counting/events.ts';

const requests = fc.array(
  fc.tuple(trackedEvents, fc.constantFrom('ann', 'bob', undefined)).map(([event, unit]) => withUnit(event, unit)),
  { minLength: 1, maxLength: 40 },
);

describe('the records of a request', () => {
  test('hold every event once, and those of a unit in their order, wave after wave', () => {
    fc.assert(
      fc.property(requests, (events) => {
        const read = encodeRecords({ at: NOON, events }, () => 'random')
          .flat()
          .flatMap(({ data }) => decodeRecord(data).events);
        expect(read).toHaveLength(events.length);
        for (const unit of ['ann', 'bob', undefined]) expect(ofUnit(read, unit)).toEqual(ofUnit(events, unit));
      }),
    );
  });

  test('carry the time of receipt', () => {
    const [[record] = []] = encodeRecords({ at: NOON, events: [anEvent()] }, () => 'random');
    expect(record && decodeRecord(record.data).at).toBe(NOON);
  });

  test('have the unit as partition key, and a random key where there is none', () => {
    const keys = ['one', 'two'];
    const events = [anEvent(), anEvent({ unit: 'ann' }), anEvent({ unit: 'bob' }), anEvent({ unit: 'ann' })];
    const records = encodeRecords({ at: NOON, events }, () => keys.shift() ?? '').flat();
    expect(records.map(({ partitionKey }) => partitionKey)).toEqual(['one', 'ann', 'bob']);
  });

  test('are of version 2 where they hold a goal without experiment, and else of version 1', () => {
    const versionOf = (events: StreamEvent[]) => {
      const [[record] = []] = encodeRecords({ at: NOON, events }, () => 'random');
      return (JSON.parse(Buffer.from(record?.data ?? []).toString()) as { v: number }).v;
    };
    expect(versionOf([anEvent({ unit: 'ann' }), aVisitorGoal()])).toBe(2);
    expect(versionOf([anEvent({ unit: 'ann' })])).toBe(1);
  });

  test('of version 1 name an experiment in each event', () => {
    const data = bytesOf({ v: 1, at: NOON, events: [aVisitorGoal()] });
    expect(() => decodeRecord(data)).toThrow(
      'events[0]: experiment: expected a value in a record of version 1, got none',
    );
  });

  test('hold at most 25 different goals without experiment, and then few other events', () => {
    const goals = Array.from({ length: 60 }, (_, goal) => aVisitorGoal({ event: `goal ${goal}` }));
    const others = Array.from({ length: 250 }, () => anEvent({ unit: 'ann' }));
    const lengths = (events: StreamEvent[]) =>
      encodeRecords({ at: NOON, events }, () => 'random').map(
        ([record]) => decodeRecord(record?.data ?? new Uint8Array()).events.length,
      );
    expect(lengths(goals)).toEqual([25, 25, 10]);
    expect(lengths([aVisitorGoal(), ...others])).toEqual([200, 51]);
    expect(lengths([...others, aVisitorGoal()])).toEqual([250, 1]);
  });

  test('never have half a character at the end of a partition key', () => {
    const [[record] = []] = encodeRecords({ at: NOON, events: [anEvent({ unit: `a${'😀'.repeat(200)}` })] }, () => '');
    expect(record?.partitionKey).toBe(`a${'😀'.repeat(127)}`);
  });

  test('are at most 64 KB long, and no more of them than needed', () => {
    const events = Array.from({ length: 300 }, () => anEvent({ experiment: '😀'.repeat(250) }));
    const records = encodeRecords({ at: NOON, events }, () => 'random').flat();
    const total = records.reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(Math.max(...records.map(({ data }) => data.byteLength))).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect(records).toHaveLength(Math.ceil(total / (MAX_RECORD_BYTES - 2_000)));
  });

  test('lie in one wave, unless a unit has more than one record holds: those follow each other', () => {
    const long = { experiment: 'e'.repeat(250) };
    const many = (count: number, unit?: string) =>
      Array.from({ length: count }, () => anEvent({ ...long, ...(unit && { unit }) }));
    const waves = encodeRecords(
      { at: NOON, events: [...many(400), ...many(3, 'ann'), ...many(400, 'bob')] },
      () => 'random',
    );
    const keys = waves.map((wave) => wave.map(({ partitionKey }) => partitionKey));
    expect(keys).toEqual([['random', 'random', 'random', 'ann', 'bob'], ['bob'], ['bob']]);
  });
});

describe('reading a record', () => {
  test.each([
    ['nothing', new Uint8Array(), /expected JSON/],
    ['what is not UTF-8', Uint8Array.of(0xff, 0xfe), /expected JSON/],
    ['null', bytesOf(null), /expected a JSON object/],
    ['an array', bytesOf([]), /expected a record of version 1 to 2, got undefined/],
    ['another version', bytesOf({ v: 3, at: NOON, events: [] }), /expected a record of version 1 to 2, got 3/],
    ['a version that no release can have', bytesOf({ v: 2.5, at: NOON, events: [] }), /version 1 to 2, got 2.5/],
    ['a version nested deeper than the stack', deep('v', 30_000), /expected a record of version 1 to 2, got an object/],
    ['no time', bytesOf({ v: 1, events: [] }), /at: expected ms since 1970, got undefined/],
    ['a time before 1970', bytesOf({ v: 1, at: -1, events: [] }), /at: expected ms/],
    ['half a millisecond', bytesOf({ v: 1, at: 0.5, events: [] }), /at: expected ms/],
    ['a time after the year 9999', bytesOf({ v: 1, at: 253_402_300_800_000, events: [] }), /at: expected ms/],
    ['a time that is an object', bytesOf({ v: 1, at: {}, events: [] }), /at: expected ms since 1970, got an object/],
    ['events that are not a list', bytesOf({ v: 1, at: NOON, events: {} }), /events: expected an array/],
    [
      'an event that is not one',
      bytesOf({ v: 1, at: NOON, events: [anEvent(), {}] }),
      /events\[1\]: experiment: expected/,
    ],
    [
      'more bytes than we write',
      bytesOf({ v: 1, at: NOON, events: [], pad: 'x'.repeat(65_536) }),
      /expected at most 65536 bytes/,
    ],
  ])('refuses %s with the reason', (_title, data, reason) => {
    expect(() => decodeRecord(data)).toThrow(InvalidRecord);
    expect(() => decodeRecord(data)).toThrow(reason);
  });

  test('gives events or an InvalidRecord, whatever the bytes', () => {
    const almost = fc.record({
      v: fc.constantFrom(1, 2),
      at: fc.oneof(fc.constant(NOON), fc.double()),
      events: fc.array(fc.oneof(trackedEvents, fc.jsonValue())),
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.jsonValue().map(bytesOf),
      almost.map(bytesOf),
      fc.tuple(almost, fc.nat(), fc.nat(255)).map(([record, place, byte]) => {
        const data = bytesOf(record);
        data[place % data.length] = byte;
        return data;
      }),
    );
    fc.assert(
      fc.property(bytes, (data) => {
        try {
          expect(Array.isArray(decodeRecord(data).events)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRecord);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function withUnit(event: TrackedEvent, unit: string | undefined): TrackedEvent {
  const { namespace, experiment, variant, event: name, uuid } = event;
  return { namespace, experiment, variant, event: name, uuid, ...(unit !== undefined && { unit }) };
}

function ofUnit(events: StreamEvent[], unit: string | undefined): StreamEvent[] {
  return events.filter((event) => event.unit === unit);
}

function deep(property: string, levels: number): Uint8Array {
  return new TextEncoder().encode(`{"${property}":${'['.repeat(levels)}${']'.repeat(levels)}}`);
}
