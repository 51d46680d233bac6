import { describe, expect, test } from '@jest/globals';
import { nameCounters } from '../../cli/import/name-counters.ts';

const namesOf = (suffixes: readonly string[]) =>
  nameCounters('ns:counters:exp:', suffixes).counters.map(({ event, variant }) => [event, variant]);
const doubtsOf = (suffixes: readonly string[]) => nameCounters('ns:counters:exp:', suffixes).doubts;

describe('counter keys without escaping', () => {
  test('are told apart by the variants that were exposed, whatever they and the goals have in them', () => {
    const suffixes = ['participate:red: 1', 'participate:blue', 'goal: buy:red: 1', 'goal: buy:blue'];
    expect(namesOf(suffixes)).toEqual([
      ['participate', 'red: 1'],
      ['participate', 'blue'],
      ['goal: buy', 'red: 1'],
      ['goal: buy', 'blue'],
    ]);
    expect(doubtsOf(suffixes)).toEqual([]);
  });

  test('that fit two variants are of the longer one, and that is said', () => {
    const suffixes = ['participate:b', 'participate:a:b', 'buy:a:b'];
    expect(namesOf(suffixes).at(-1)).toEqual(['buy', 'a:b']);
    expect(doubtsOf(suffixes)).toEqual([
      expect.stringContaining('ns:counters:exp:participate:a:b'),
      expect.stringContaining('ns:counters:exp:buy:a:b'),
    ]);
  });

  test('of a variant that was never exposed end with it, and that is said where it is not plain', () => {
    expect(namesOf(['buy:red'])).toEqual([['buy', 'red']]);
    expect(doubtsOf(['buy:red'])).toEqual([]);
    expect(namesOf(['buy:now:red'])).toEqual([['buy:now', 'red']]);
    expect(doubtsOf(['buy:now:red'])).toHaveLength(1);
  });

  test('that are no goal and variant at all have an empty name, which is left out later', () => {
    expect(namesOf(['lonely'])).toEqual([['', 'lonely']]);
  });
});
