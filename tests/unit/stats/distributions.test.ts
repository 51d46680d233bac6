import { describe, expect, test } from '@jest/globals';
import {
  criticalT,
  criticalZ,
  normalTwoSidedP,
  normalUpperQuantile,
  normalUpperTail,
  studentTwoSidedP,
} from '../../../stats/numeric/distributions.ts';
import { DomainError } from '../../../stats/numeric/domain.ts';
import { findRoot, findRootNear } from '../../../stats/numeric/solve.ts';
import { expectClose } from './numbers.ts';

// The expected values are from mpmath 1.3 with 40 digits.

describe('the normal distribution', () => {
  test('keeps its digits far out in the tail', () => {
    expectClose([normalUpperTail(2)], [0.02275013194817921], 1e-14);
    expect(normalUpperTail(10) / 7.61985302416053e-24).toBeCloseTo(1, 12);
    expect(normalTwoSidedP(-38) / 5.7708e-316).toBeCloseTo(1, 3);
  });

  test('has quantiles that undo the tail, from 1e-300 to almost 1', () => {
    expectClose([criticalZ(0.05), normalUpperQuantile(1e-10)], [1.9599639845400545, 6.361340902404056], 1e-13);
    for (const tail of [1e-300, 1e-20, 0.3, 0.5, 0.999999]) {
      const there = normalUpperTail(normalUpperQuantile(tail));
      expect(there / tail).toBeCloseTo(1, 9);
    }
  });

  test.each([0, 1, -0.1, 2, NaN, Infinity])('has no quantile for a tail of %d', (tail) => {
    expect(() => normalUpperQuantile(tail)).toThrow(DomainError);
    expect(() => criticalZ(tail)).toThrow(DomainError);
  });
});

describe("Student's t", () => {
  test.each([
    [1, 1, 0.5],
    [2, 5, 0.10193947883],
    [10, 30, 4.57525140823e-11],
    [30, 30, 6.25179163061e-24],
    [2, 974.5, 0.0457774172342],
    [10, 1e7, 1.52435922903e-23],
    [2, 2e9, 0.0455002640313],
  ])('t = %d with %d degrees of freedom has p = %d', (t, df, p) => {
    expect(studentTwoSidedP(t, df) / p).toBeCloseTo(1, 10);
    expect(studentTwoSidedP(-t, df)).toBe(studentTwoSidedP(t, df));
  });

  test('has critical values that undo p, from one degree of freedom to 1e9', () => {
    expectClose([criticalT(0.05, 1), criticalT(0.05, 30)], [12.706204736432095, 2.0422724563012373], 1e-10);
    for (const df of [1, 1.5, 7, 200, 1e5, 1e9]) {
      for (const alpha of [1e-9, 0.001, 0.32, 0.9]) expectClose([studentTwoSidedP(criticalT(alpha, df), df)], [alpha]);
    }
  });

  test('needs degrees of freedom above 0', () => {
    expect(() => studentTwoSidedP(1, 0)).toThrow(DomainError);
  });
});

describe('a root', () => {
  test('is found to the last digits, rising or falling', () => {
    expect(findRoot((x) => x ** 3 - 2, 0, 2)).toBeCloseTo(Math.cbrt(2), 15);
    expect(findRoot((x) => 2 - x ** 3, 0, 2)).toBeCloseTo(Math.cbrt(2), 15);
  });

  test('is found across an infinite end', () => {
    expect(findRoot((x) => 1 / x - 4, 0, 1)).toBeCloseTo(0.25, 15);
  });

  test('that is not between the ends is the nearer end', () => {
    expect(findRoot((x) => x + 1, 0, 5)).toBe(0);
    expect(findRoot((x) => x - 9, 0, 5)).toBe(5);
  });

  test('is found from a guess on either side, near or far', () => {
    for (const guess of [-1000, 2.9, 3, 50]) {
      expect(findRootNear((x) => Math.atan(x - 3), guess, 0.1)).toBeCloseTo(3, 12);
    }
  });
});
