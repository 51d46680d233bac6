import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { compareSequence, padSequence, unpadSequence } from '../../../shared/contract/sequence-number.ts';

const sequences = fc.bigInt({ min: 0n, max: 2n ** 186n }).map(String);

describe('sequence numbers', () => {
  test('are ordered as the numbers that they write, however long', () => {
    fc.assert(
      fc.property(sequences, sequences, (a, b) => {
        const expected = BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
        expect(Math.sign(compareSequence(a, b))).toBe(expected);
      }),
    );
  });

  test('keep that order as strings once they are padded, and come back', () => {
    fc.assert(
      fc.property(sequences, sequences, (a, b) => {
        expect(padSequence(a) < padSequence(b)).toBe(BigInt(a) < BigInt(b));
        expect(unpadSequence(padSequence(a))).toBe(a);
      }),
    );
  });
});
