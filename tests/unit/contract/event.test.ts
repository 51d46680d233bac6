import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { checkEvent, withDefaultNamespace, type RejectionCode } from '../../../shared/contract/event.ts';
import { trackedEvents } from '../../support/counting/any-event.ts';
import { anEvent, aVisitorGoal } from '../../support/counting/events.ts';

const refusals: [title: string, candidate: unknown, code: RejectionCode, message: string][] = [
  ['null', null, 'not_an_object', 'expected an event as a JSON object, got null'],
  ['a number', 7, 'not_an_object', 'expected an event as a JSON object, got 7'],
  ['a text', 'seven', 'not_an_object', 'expected an event as a JSON object, got "seven"'],
  ['an array', [], 'not_an_object', 'expected an event as a JSON object, got an array'],
  ['no uuid', { ...anEvent(), uuid: undefined }, 'missing_property', 'uuid: expected a value, got none'],
  ['no variant', { namespace: 'n', experiment: 'e' }, 'missing_property', 'variant: expected a value, got none'],
  [
    'no experiment beside a variant',
    { ...aVisitorGoal(), variant: 'red' },
    'missing_property',
    'experiment: expected a value, got none',
  ],
  [
    'an exposure without experiment',
    { ...aVisitorGoal(), event: 'participate' },
    'missing_property',
    'experiment: expected a value for an exposure, got none',
  ],
  [
    'neither experiment nor unit',
    { ...aVisitorGoal(), unit: undefined },
    'missing_property',
    'experiment: expected a value, or a unit, whose goal counts in all of its experiments, got neither',
  ],
  ['a property that is not ours', { ...anEvent(), extra: 1 }, 'unknown_property', 'unknown property "extra"'],
  [
    'a __proto__ of its own',
    JSON.parse('{"__proto__":{},"namespace":"","experiment":"e","variant":"v","event":"e","uuid":"u"}'),
    'unknown_property',
    'unknown property "__proto__"',
  ],
  ['a number for a name', { ...anEvent(), variant: 3 }, 'wrong_type', 'variant: expected string, got 3'],
  [
    'an object for a name',
    { ...anEvent(), event: { a: 1 } },
    'wrong_type',
    'event: expected string, got an object with 1 properties',
  ],
  ['null for the unit', { ...anEvent(), unit: null }, 'wrong_type', 'unit: expected string, got null'],
  [
    'an empty name',
    { ...anEvent(), experiment: '' },
    'wrong_length',
    'experiment: expected at least 1 character, got none',
  ],
  ['an empty unit', { ...anEvent(), unit: '' }, 'wrong_length', 'unit: expected at least 1 character, got none'],
  [
    'a name of 257 characters',
    { ...anEvent(), uuid: 'u'.repeat(257) },
    'wrong_length',
    'uuid: expected at most 256 characters, got 257 characters',
  ],
  [
    'a name of 257 emoji',
    { ...anEvent(), uuid: '😀'.repeat(257) },
    'wrong_length',
    'uuid: expected at most 256 characters, got 257 characters',
  ],
  [
    'a namespace of 257 characters',
    { ...anEvent(), namespace: 'n'.repeat(257) },
    'wrong_length',
    'namespace: expected at most 256 characters, got 257 characters',
  ],
  [
    'a line break in a name',
    { ...anEvent(), event: 'a\nb' },
    'bad_characters',
    'event: expected no control characters and no broken Unicode, got "a\\nb"',
  ],
  [
    'a NUL in the namespace',
    { ...anEvent(), namespace: '\0' },
    'bad_characters',
    'namespace: expected no control characters and no broken Unicode, got "\\u0000"',
  ],
  [
    'a C1 control character',
    { ...anEvent(), variant: '\u0085' },
    'bad_characters',
    'variant: expected no control characters and no broken Unicode, got "\u0085"',
  ],
  [
    'a lone high surrogate',
    { ...anEvent(), unit: 'a\ud83d' },
    'bad_characters',
    'unit: expected no control characters and no broken Unicode, got "a\\ud83d"',
  ],
  [
    'a lone low surrogate',
    { ...anEvent(), uuid: '\ude00' },
    'bad_characters',
    'uuid: expected no control characters and no broken Unicode, got "\\ude00"',
  ],
  [
    'a value above 1e12',
    { ...anEvent(), value: 1e12 + 1 },
    'out_of_range',
    'value: expected a number from -1e12 to 1e12, got 1000000000001',
  ],
  [
    'a value below -1e12',
    { ...anEvent(), value: -2e12 },
    'out_of_range',
    'value: expected a number from -1e12 to 1e12, got -2000000000000',
  ],
  [
    'a value of 1e400',
    { ...anEvent(), value: JSON.parse('1e400') as number },
    'wrong_type',
    'value: expected number, got Infinity',
  ],
  ['a value that is text', { ...anEvent(), value: '5' }, 'wrong_type', 'value: expected number, got "5"'],
  [
    'segments that are an array',
    { ...anEvent(), segments: [] },
    'wrong_type',
    'segments: expected object, got an array',
  ],
  [
    'nine segments',
    { ...anEvent(), segments: segments(9) },
    'too_many_segments',
    'segments: expected at most 8, got an object with 9 properties',
  ],
  [
    'an empty segment key',
    { ...anEvent(), segments: { '': 'x' } },
    'bad_segment_key',
    'segments: expected a key of 1 to 32 characters A-Z a-z 0-9 _ . -, got ""',
  ],
  [
    'a segment key with a space',
    { ...anEvent(), segments: { 'a b': 'x' } },
    'bad_segment_key',
    'segments: expected a key of 1 to 32 characters A-Z a-z 0-9 _ . -, got "a b"',
  ],
  [
    'a segment key of 33 characters',
    { ...anEvent(), segments: { ['k'.repeat(33)]: 'x' } },
    'bad_segment_key',
    `segments: expected a key of 1 to 32 characters A-Z a-z 0-9 _ . -, got "${'k'.repeat(33)}"`,
  ],
  [
    'an empty segment',
    { ...anEvent(), segments: { platform: '' } },
    'wrong_length',
    'segments.platform: expected at least 1 character, got none',
  ],
  [
    'a segment of 65 characters',
    { ...anEvent(), segments: { platform: 'x'.repeat(65) } },
    'wrong_length',
    'segments.platform: expected at most 64 characters, got 65 characters',
  ],
  [
    'a segment that is a number',
    { ...anEvent(), segments: { platform: 1 } },
    'wrong_type',
    'segments.platform: expected string, got 1',
  ],
  [
    'a tab in a segment',
    { ...anEvent(), segments: { platform: '\t' } },
    'bad_characters',
    'segments.platform: expected no control characters and no broken Unicode, got "\\t"',
  ],
];

describe('the schema of an event', () => {
  test.each(refusals)('refuses %s and says why', (_title, candidate, code, message) => {
    expect(checkEvent(candidate)).toEqual({ ok: false, rejection: { code, message } });
  });

  test('takes a goal of a visitor without experiment and variant', () => {
    expect(checkEvent(aVisitorGoal())).toMatchObject({ ok: true });
  });

  test.each([
    [
      'names of 256 characters',
      { namespace: 'n'.repeat(256), experiment: 'e'.repeat(256), uuid: 'u'.repeat(256), unit: 'x'.repeat(256) },
    ],
    ['names of 256 characters outside the basic plane', { variant: '😀'.repeat(256) }],
    ['an empty namespace', { namespace: '' }],
    ['a value of 1e12', { value: 1e12 }],
    ['a value of -1e12', { value: -1e12 }],
    ['eight segments', { segments: segments(8) }],
    ['a segment called __proto__', { segments: JSON.parse('{"__proto__":"x"}') as Record<string, string> }],
    ['the longest segment', { segments: { ['k'.repeat(32)]: 'x'.repeat(64) } }],
  ])('takes %s', (_title, changes) => {
    expect(checkEvent(anEvent(changes)).ok).toBe(true);
  });

  test('takes every valid event as it is', () => {
    fc.assert(
      fc.property(trackedEvents, (event) => {
        expect(checkEvent(event)).toEqual({ ok: true, event });
      }),
    );
  });

  test('never throws, and every refusal has a code and a message, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          trackedEvents.chain((event) => fc.jsonValue().map((value) => ({ ...event, value }))),
        ),
        (candidate) => {
          const checked = checkEvent(candidate);
          if (!checked.ok) {
            expect(checked.rejection.code).not.toBe('');
            expect(checked.rejection.message).not.toBe('');
          }
        },
      ),
    );
  });
});

describe('the default namespace', () => {
  test('stands where none is given, and only there', () => {
    expect(withDefaultNamespace({ uuid: 'u' })).toEqual({ namespace: 'alephbet', uuid: 'u' });
    expect(withDefaultNamespace({ namespace: '' })).toEqual({ namespace: '' });
    expect(withDefaultNamespace({ namespace: null })).toEqual({ namespace: null });
  });

  test('leaves alone what is not an object', () => {
    for (const candidate of [null, 1, 'text', [1]]) expect(withDefaultNamespace(candidate)).toBe(candidate);
  });
});

function segments(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'x']));
}
