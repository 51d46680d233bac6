import { expect, test } from '@jest/globals';
import { countFalseWinners, simulatePower } from '../../../bench/simulation.ts';

test('among experiments without a difference, looked at every day, the default verdict names a winner in at most 5 %', () => {
  const results = countFalseWinners({
    experiments: 150,
    days: 14,
    perDay: 200,
    rate: 0.2,
    seed: 7,
    only: ['sequential', 'fixed'],
  });
  const [sequential, fixed] = results;
  expect(sequential?.ever).toBeLessThanOrEqual(0.05);
  // That the same looks do mislead a test made for one look shows that this simulation could fail.
  expect(fixed?.ever).toBeGreaterThan(0.1);
});

test.each([0.5, 0.8])('an experiment of the planned size sees the difference as often as planned: %d', (power) => {
  const { seen } = simulatePower({
    experiments: 3000,
    controlRate: 0.2,
    variantRate: 0.28,
    power,
    seed: 11,
    methods: ['fixed'],
  });
  expect(Math.abs((seen[0] ?? NaN) - power)).toBeLessThan(0.02);
});
