import type { BoundedEstimate } from './estimate.ts';
import type { ArmDescription, PairDescription, Range, Undetermined } from '../shared/contract/statistics.ts';
import { koopmanLift, newcombeDifference, type Proportion, wilsonInterval } from './rates.ts';
import { deltaLift, meanOf, type Sample, welchDifference } from './means.ts';
import { measure, type Pair } from './pair.ts';
import { criticalT } from './numeric/distributions.ts';

export function describeRate(proportion: Proportion): ArmDescription {
  const { conversions, participants } = proportion;
  const { deviation } = meanOf({ units: participants, sum: conversions, sumOfSquares: conversions });
  return { ...rangeOf((alpha) => wilsonInterval(proportion, alpha)), deviation };
}

/** A single unit has no interval: both are the value itself. */
export function describeMean(sample: Sample): ArmDescription {
  const { mean, deviation, standardError } = meanOf(sample);
  const interval = (alpha: number): BoundedEstimate => {
    const margin = standardError === 0 ? 0 : criticalT(alpha, sample.units - 1) * standardError;
    return { value: mean, low: mean - margin, high: mean + margin };
  };
  return { ...rangeOf(interval), deviation };
}

export function describePair(pair: Pair): PairDescription {
  const { standardError } = measure(pair);
  if (pair.kind === 'proportion') {
    const { control, variant } = pair;
    return {
      standardError,
      difference: rangeOf((alpha) => newcombeDifference(control, variant, alpha)),
      lift: rangeOrReason((alpha) => koopmanLift(control, variant, alpha)),
    };
  }
  const { control, variant } = pair;
  return {
    standardError,
    difference: rangeOrReason((alpha) => welchDifference(control, variant, alpha)),
    lift: rangeOrReason((alpha) => deltaLift(control, variant, alpha)),
  };
}

function rangeOf(estimateAt: (alpha: number) => BoundedEstimate): Range {
  return toRange(estimateAt(0.32), estimateAt(0.05));
}

function rangeOrReason(estimateAt: (alpha: number) => BoundedEstimate | Undetermined): Range | Undetermined {
  const [narrow, wide] = [estimateAt(0.32), estimateAt(0.05)];
  if (narrow.value === null) return narrow;
  if (wide.value === null) return wide;
  return toRange(narrow, wide);
}

function toRange(narrow: BoundedEstimate, wide: BoundedEstimate): Range {
  return {
    value: wide.value,
    interval68: { low: narrow.low, high: narrow.high },
    interval95: { low: wide.low, high: wide.high },
  };
}
