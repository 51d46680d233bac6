import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { InvalidContextError } from '../../../sdk/src/errors.ts';
import { canonicalJson } from '../../../sdk/src/key/context-key.ts';
import { contextKey } from '../../../sdk/src/key/context-key.ts';
import { hmacNode } from '../../../sdk/src/node/identify.ts';

const keyOf = (name: string, context: object): string => contextKey(hmacNode, '', name, context);

// A small alphabet, of what might be confused with structure, makes near misses likely.
const tricky = fc.string({
  unit: fc.constantFrom(...Array.from('a1",:{}[]|\\\0é'), 'e\u0301', '\ud800', '\u{1f600}'),
  maxLength: 4,
});
const leaf = fc.oneof(
  tricky,
  fc.integer({ min: -2, max: 12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const { value: contextValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(tricky, tie('value'), { maxKeys: 3 }),
  ),
}));
const context = fc.dictionary(tricky, contextValue, { maxKeys: 4 });

/** The same data: -0 is 0, and a context's prototype is nothing. */
const asData = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const shuffle = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffle);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffle(member)]),
  );
};

describe('the default key', () => {
  test('differs between contexts that differ', () => {
    fc.assert(
      fc.property(context, context, (one, other) => {
        expect(keyOf('x', one) === keyOf('x', other)).toBe(isDeepStrictEqual(asData(one), asData(other)));
      }),
      { numRuns: 3_000, seed: 4 },
    );
  });

  test('has no collision among all contexts of a large sample', () => {
    const sample = fc.sample(context, { numRuns: 20_000, seed: 5 });
    // The data's own text, made in another way than the key's.
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : typeof value === 'object' && value !== null
          ? [
              {},
              ...Object.entries(value)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([name, member]) => [name, sorted(member)]),
            ]
          : value;
    const texts = new Set(sample.map((one) => JSON.stringify(sorted(one))));

    expect(new Set(sample.map((one) => keyOf('x', one))).size).toBe(texts.size);
    expect(texts.size).toBeGreaterThan(10_000);
  });

  test('does not depend on the order of names', () => {
    fc.assert(
      fc.property(context, (one) => {
        expect(keyOf('x', shuffle(one) as object)).toBe(keyOf('x', one));
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  test('does not let name and context run into each other', () => {
    fc.assert(
      fc.property(tricky, context, tricky, context, (name, one, otherName, other) => {
        const isSame = name === otherName && isDeepStrictEqual(asData(one), asData(other));
        expect(keyOf(name, one) === keyOf(otherName, other)).toBe(isSame);
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });

  test('tells apart what gitlab-experiment confuses', () => {
    expect(keyOf('x', { a: 'x', b: 'y' })).not.toBe(keyOf('x', { a: 'b|x|y' }));
  });
});

describe('canonical JSON', () => {
  test('leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
  });

  test.each([
    ['NaN', { a: NaN }],
    ['Infinity', { a: [Infinity] }],
    ['a date', { a: new Date(0) }],
    ['a map', { a: new Map() }],
    ['a function', { a: () => 1 }],
    ['a regular expression', { a: /x/ }],
    ['bytes', { a: new Uint8Array(2) }],
    ['undefined in a list', { a: [undefined] }],
  ])('refuses %s, which JSON would turn into something else', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(InvalidContextError);
  });
});
