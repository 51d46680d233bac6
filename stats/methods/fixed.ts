import { noEvidence, plainTest, type Strictness } from './evidence.ts';
import type { Evidence } from '../../shared/contract/statistics.ts';
import { koopmanLift, pooledZTest, type Proportion, scoreDifference } from '../rates.ts';
import { measure, type Pair } from '../pair.ts';
import { ratioLift, type Sample, welchDifference, welchTest } from '../means.ts';
import { criticalT } from '../numeric/distributions.ts';

/** The test for one look at the planned end: the pooled z test for rates, Welch's t test for means. */
export function weighFixed(pair: Pair, { ownAlpha }: Strictness): Evidence {
  return pair.kind === 'proportion'
    ? weighRates(pair.control, pair.variant, ownAlpha)
    : weighMeans(pair.control, pair.variant, ownAlpha);
}

function weighRates(control: Proportion, variant: Proportion, alpha: number): Evidence {
  const { z, p } = pooledZTest(control, variant);
  return {
    ...plainTest,
    alpha,
    difference: scoreDifference(control, variant, alpha),
    lift: koopmanLift(control, variant, alpha),
    p,
    side: p >= alpha ? 'undecided' : z > 0 ? 'above' : 'below',
  };
}

function weighMeans(control: Sample, variant: Sample, alpha: number): Evidence {
  const test = welchTest(control, variant);
  if (test.value === null) return noEvidence(test.reason, alpha);

  const measured = measure({ kind: 'mean', control, variant });
  return {
    ...plainTest,
    alpha,
    difference: welchDifference(control, variant, alpha),
    lift: ratioLift(measured.control, measured.variant, criticalT(alpha, test.df)),
    p: test.p,
    side: test.p >= alpha ? 'undecided' : test.t > 0 ? 'above' : 'below',
  };
}

/** The p alone; null where the test is not defined. */
export function fixedPOf(pair: Pair): number | null {
  if (pair.kind === 'proportion') return pooledZTest(pair.control, pair.variant).p;
  const test = welchTest(pair.control, pair.variant);
  return test.value === null ? null : test.p;
}
