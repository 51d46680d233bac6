import fc from '../../support/fast-check.ts';
import type { Proportion } from '../../../stats/rates.ts';
import type { Sample } from '../../../stats/means.ts';

/** Every run of the suite draws the same cases, so that it cannot fail on one day and pass on the next. */
export const runs = { seed: 1, numRuns: 500 };

const participants = fc.oneof(
  fc.integer({ min: 1, max: 50 }),
  fc.integer({ min: 1, max: 20_000 }),
  fc.integer({ min: 1, max: 1e9 }),
);

/** Any proportion of so many participants, often with nobody or everybody converted. */
const proportionOf = (n: number): fc.Arbitrary<Proportion> =>
  fc
    .oneof(fc.constantFrom(0, n), fc.integer({ min: 0, max: n }), fc.integer({ min: 0, max: Math.min(n, 20) }))
    .map((conversions) => ({ conversions, participants: n }));

/** Any proportion up to a thousand million participants. */
export const proportions: fc.Arbitrary<Proportion> = participants.chain(proportionOf);

/** Any proportion up to two thousand participants. */
export const smallProportions: fc.Arbitrary<Proportion> = fc.integer({ min: 1, max: 2000 }).chain(proportionOf);

/** A proportion with enough of both kinds to be compared, at most `max` participants. */
export function ampleProportions(max: number): fc.Arbitrary<Proportion> {
  return fc
    .integer({ min: 150, max })
    .chain((n) => fc.integer({ min: 5, max: n - 5 }).map((conversions) => ({ conversions, participants: n })));
}

/** Two proportions not far from each other, so that verdicts of all kinds and p-values near alpha occur. */
export function closeProportions(max: number): fc.Arbitrary<readonly [Proportion, Proportion]> {
  return fc
    .record({
      control: ampleProportions(max),
      n: fc.integer({ min: 150, max }),
      z: fc.double({ min: -5, max: 5, noNaN: true }),
    })
    .map(({ control, n, z }) => {
      const rate = control.conversions / control.participants;
      const deviation = Math.sqrt(rate * (1 - rate) * (1 / n + 1 / control.participants));
      const conversions = Math.round(n * (rate + z * deviation));
      return [control, { conversions: Math.min(n - 5, Math.max(5, conversions)), participants: n }] as const;
    });
}

/** The sums of units of which some are zero and the others are around a value. */
export const samples: fc.Arbitrary<Sample> = fc
  .record({
    units: fc.oneof(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 2, max: 1e9 })),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    value: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    spread: fc.double({ min: 0, max: 3, noNaN: true }),
  })
  .map(({ units, share, value, spread }) => {
    const converted = Math.round(units * share);
    return { units, sum: converted * value, sumOfSquares: converted * value ** 2 * (1 + spread ** 2) };
  });

/** The same arm seen `factor` times as often. */
export function timesAsMany({ conversions, participants: n }: Proportion, factor: number): Proportion {
  return { conversions: conversions * factor, participants: n * factor };
}

/** The arm in which a conversion counts as a failure, and the other way round. */
export function inverted({ conversions, participants: n }: Proportion): Proportion {
  return { conversions: n - conversions, participants: n };
}
