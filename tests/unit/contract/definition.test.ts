import { describe, expect, test } from '@jest/globals';
import { checkDefinition } from '../../../shared/contract/check-definition.ts';
import { appendChange, changesBetween } from '../../../shared/contract/definition-changes.ts';
import type { DefinitionChange } from '../../../shared/contract/definition.ts';
import { movesBetween } from '../../../shared/reporting/split.ts';

const variants = [
  { name: 'control', weight: 1 },
  { name: 'blue', weight: 1 },
];

const faultsOf = (definition: object) => {
  const checked = checkDefinition(definition);
  return checked.ok ? [] : checked.faults.map(({ path, message }) => `${path}: ${message}`);
};

describe('what clients read of a definition', () => {
  test.each([
    [{ status: 'stopped', winner: 'blue', variants, coverage: 0, hashVersion: 2 }],
    [{ exclusive: { group: 'checkout', range: [0.5, 1] } }],
    [{ targeting: { country: 'DE', age: { $gte: 18, $lt: 65 }, userId: { $percent: 12.5 } } }],
    [{ targeting: { $or: [{ plan: { $in: ['pro', null] } }, { $not: { beta: { $exists: false } } }] } }],
  ])('is right: %j', (definition) => {
    expect(faultsOf(definition)).toEqual([]);
  });

  test.each<[object, RegExp]>([
    [{ winner: 'red', variants }, /^winner: expected one of the variants, got "red"$/],
    [{ coverage: 1.5 }, /^coverage: expected at most 1, got 1.5$/],
    [{ coverage: '50%' }, /^coverage: expected number, got "50%"$/],
    [{ status: 'paused' }, /^status: expected draft, running, stopped, ended, got "paused"$/],
    [{ hashVersion: 3 }, /^hashVersion: expected 1, 2, got 3$/],
    [{ exclusive: { group: 'g', range: [0.5, 0.5] } }, /^exclusive.range: expected a range such as \[0, 0.5\]/],
    [{ targeting: [] }, /^targeting: expected object/],
    [
      { targeting: { $nor: [] } },
      /^targeting.\$nor: expected an attribute of 1 to 64 characters, \$and, \$or or \$not/,
    ],
    [{ targeting: { $or: [] } }, /^targeting.\$or: expected a list of rules, got \[\]$/],
    [{ targeting: { age: { $above: 1 } } }, /^targeting.age: expected one of \$eq, .*, got "\$above"$/],
    [{ targeting: { age: {} } }, /^targeting.age: expected one of \$eq/],
    [{ targeting: { age: { $lt: '18' } } }, /^targeting.age.\$lt: expected a number, got "18"$/],
    [{ targeting: { id: { $percent: 101 } } }, /^targeting.id.\$percent: expected a number from 0 to 100, got 101$/],
    [{ targeting: { id: { $in: 'a' } } }, /^targeting.id.\$in: expected a list of at most 100/],
    [{ targeting: { id: ['a'] } }, /^targeting.id: expected a text of at most 256 characters/],
    [{ targeting: { $and: [{ $not: 7 }] } }, /^targeting.\$and\[0\].\$not: expected a rule as an object, got 7$/],
  ])('is refused with a sentence: %j', (definition, sentence) => {
    expect(faultsOf(definition)).toEqual([expect.stringMatching(sentence)]);
  });

  test('a rule has bounds: how deep it is, and how many tests', () => {
    const deep = (levels: number): object => (levels === 0 ? { a: 1 } : { $not: deep(levels - 1) });
    expect(faultsOf({ targeting: deep(4) })).toEqual([]);
    expect(faultsOf({ targeting: deep(5) })).toEqual([expect.stringContaining('at most 5 deep')]);
    const wide = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`a${i}`, 1]));
    expect(faultsOf({ targeting: wide })).toEqual([expect.stringContaining('at most 100 tests')]);
  });
});

describe('the log of a definition', () => {
  test('says what is another one now, and the weights by variant', () => {
    const after = {
      hypothesis: 'h',
      coverage: 0.5,
      variants: [
        { name: 'control', weight: 1 },
        { name: 'blue', weight: 3 },
      ],
    };
    expect(changesBetween({ hypothesis: 'h', coverage: 0.1, variants }, after)).toEqual([
      { path: 'coverage', from: 0.1, to: 0.5 },
      { path: 'variants', from: variants, to: after.variants },
      { path: 'weights', from: { control: 1, blue: 1 }, to: { control: 1, blue: 3 } },
    ]);
    expect(changesBetween(undefined, { coverage: 1 })).toEqual([{ path: 'coverage', to: 1 }]);
    expect(changesBetween({ hypothesis: 'x' }, { hypothesis: 'y'.repeat(2_000) })).toEqual([
      { path: 'hypothesis', from: 'x' },
    ]);
  });

  test('is bounded, in entries and in bytes, and keeps the newest; what changes nothing is no entry', () => {
    const entry = (to: unknown): DefinitionChange => ({
      at: '2026-11-26T10:00:00.000Z',
      by: 'alice',
      changed: [{ path: 'coverage', to }],
    });
    const many = Array.from({ length: 300 }, (_, i) => entry(i)).reduce<DefinitionChange[]>(appendChange, []);
    expect([many.length, many.at(-1)]).toEqual([100, entry(299)]);
    const large = Array.from({ length: 300 }, () => entry('x'.repeat(2_000))).reduce<DefinitionChange[]>(
      appendChange,
      [],
    );
    expect(Buffer.byteLength(JSON.stringify(large))).toBeLessThan(66_000);
    expect(appendChange([entry(1)], { ...entry(2), changed: [] })).toEqual([entry(1)]);
  });
});

describe('who moves when a definition changes', () => {
  test('nobody, when coverage goes up; when it goes down, nobody sees another variant', () => {
    expect(movesBetween({ variants, coverage: 0.1 }, { variants, coverage: 0.5 })).toEqual({
      had: expect.closeTo(0.1),
      moved: 0,
      left: 0,
      joined: expect.closeTo(0.4),
    });
    expect(movesBetween({ variants, coverage: 0.5 }, { variants, coverage: 0.1 })).toMatchObject({
      moved: 0,
      left: expect.closeTo(0.4),
      joined: 0,
    });
  });

  test('as many as the ranges say, when weights change', () => {
    const after = {
      variants: [
        { name: 'control', weight: 3 },
        { name: 'blue', weight: 1 },
      ],
    };
    expect(movesBetween({ variants }, after)?.moved).toBeCloseTo(0.25);
    expect(movesBetween({ variants: [{ name: 'control' }, { name: 'blue' }] }, { variants })?.moved).toBe(0);
  });

  test('nobody knows, where no variants are named', () => {
    expect(movesBetween({ coverage: 0.1 }, { coverage: 0.5 })).toBeUndefined();
  });
});
