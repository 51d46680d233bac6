import { describe, test } from '@jest/globals';
import { chanceToBeBest, expectedLoss } from '../../../stats/methods/bayesian.ts';
import { mixtureVariance, sequentialMultiplier, sequentialP } from '../../../stats/methods/sequential.ts';
import { koopmanLift, newcombeDifference, pooledZTest, type Proportion, wilsonInterval } from '../../../stats/rates.ts';
import { adjustBenjaminiHochberg, adjustHolm } from '../../../stats/many-comparisons.ts';
import { sampleSizePerArm } from '../../../stats/planning.ts';
import { createPosterior } from '../../../stats/methods/posterior.ts';
import { sampleRatio } from '../../../stats/sample-ratio.ts';
import { welchDifference, welchTest } from '../../../stats/means.ts';
import golden from '../../fixtures/statistics.json';
import { expectClose, known, proportion, sample } from './numbers.ts';

const { alpha } = golden;

function standardErrorOf(arms: readonly Proportion[]): number {
  return Math.sqrt(arms.reduce((sum, { conversions: x, participants: n }) => sum + ((x / n) * (1 - x / n)) / n, 0));
}

describe.each(golden.proportions)(
  'for $control against $variant, as computed by scipy and statsmodels,',
  (expected) => {
    const control = proportion(expected.control);
    const variant = proportion(expected.variant);

    test('the Wilson intervals agree', () => {
      const [a, b] = [wilsonInterval(control, alpha), wilsonInterval(variant, alpha)];
      expectClose([a.low, a.high], expected.wilsonControl);
      expectClose([b.low, b.high], expected.wilsonVariant);
    });

    test('the pooled z test agrees', () => {
      const { z, p } = pooledZTest(control, variant);
      expectClose([z, p], [expected.z, expected.p]);
    });

    test("Newcombe's difference agrees", () => {
      const { value, low, high } = newcombeDifference(control, variant, alpha);
      expectClose([value, low, high], [expected.difference, ...expected.newcombe]);
    });

    test("Koopman's lift agrees", () => {
      const { value, low, high } = known(koopmanLift(control, variant, alpha));
      expectClose([value, low, high], [expected.lift, ...expected.koopman]);
    });

    test('the chance to win and the expected losses agree', () => {
      const [a, b] = [createPosterior(control), createPosterior(variant)];
      expectClose(
        [chanceToBeBest(b, [a]), expectedLoss(b, [a]), expectedLoss(a, [b])],
        [expected.chanceToBeat, expected.lossChoosingVariant, expected.lossChoosingControl],
      );
    });

    test('the confidence sequence agrees', () => {
      const standardError = standardErrorOf([control, variant]);
      const participants = control.participants + variant.participants;
      const contrast = { difference: expected.difference, standardError, participants };
      expectClose(
        [sequentialMultiplier(participants, alpha) * standardError, sequentialP(contrast, mixtureVariance(alpha))],
        [expected.sequentialHalfWidth, expected.sequentialP],
      );
    });
  },
);

test.each(golden.sampleRatio)(
  'the sample ratio of $observed agrees with 60-digit arithmetic',
  ({ observed, weights, chi2, df, p }) => {
    const ratio = known(sampleRatio(observed.map((participants, i) => ({ participants, weight: weights[i] ?? 0 }))));
    expectClose([ratio.value, ratio.df, ratio.p], [chi2, df, p]);
  },
);

test.each(golden.welch)('the t test of $control against $variant agrees', (expected) => {
  const [control, variant] = [sample(expected.control), sample(expected.variant)];
  const result = known(welchTest(control, variant));
  const difference = known(welchDifference(control, variant, alpha));
  expectClose(
    [result.value, result.t, result.df, result.p, difference.low, difference.high],
    [expected.difference, expected.t, expected.df, expected.p, ...expected.interval],
  );
});

test.each(golden.sampleSizePerArm)('the sample size for $p0 against $p1 agrees', ({ p0, p1, n }) => {
  expectClose([sampleSizePerArm({ controlRate: p0, variantRate: p1, alpha, power: 0.8 })], [n]);
});

test.each(golden.adjust)('the adjustments of $p agree', ({ p, holm, benjaminiHochberg }) => {
  expectClose(adjustHolm(p), holm);
  expectClose(adjustBenjaminiHochberg(p), benjaminiHochberg);
});

test.each(golden.best)('the chances to be the best of $arms agree', ({ arms, probabilityBest }) => {
  const posteriors = arms.map((arm) => createPosterior(proportion(arm)));
  expectClose(
    posteriors.map((arm) =>
      chanceToBeBest(
        arm,
        posteriors.filter((other) => other !== arm),
      ),
    ),
    probabilityBest,
  );
});
