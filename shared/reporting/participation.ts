import { EXPOSURE } from '../contract/event.ts';
import type { ParticipantsAre } from '../contract/answers.ts';
import { countOf, importedOf, type Tally } from './tally.ts';

/** From this share of participants on it is said that they carry no unit: less is within the error of the estimate. */
export const WORTH_SAYING = 0.05;

/** Who took part in an experiment, and how that is known. Sums over all variants, of Mem's own counts. */
export interface Participation {
  are: ParticipantsAre;
  exposures: number;
  units: number;
  /** About how many took part without a unit. */
  withoutUnit: number;
  /** Exposures of visitors who had been counted as exposed before. */
  repeated: number;
}

/** Estimates how many different units (or uuids) were exposed to a variant; undefined where nobody knows. */
export type EstimateUniques = (variant: string) => number | undefined;

/** Whether only an estimate tells how many exposures have no unit: visitors and their crossovers do not explain them all. */
export function isAmbiguous(tally: Tally): boolean {
  const { exposures, units, unexplained } = sumsOf(tally);
  return units > 0 && tally.imported === undefined && unexplained > WORTH_SAYING * exposures;
}

/**
 * Where exposures carry units, participants are units: a visitor who reloads the page is one participant, not two. Where
 * most of those who took part have no unit, participants are exposures.
 * @param tally of all visitors
 */
export function participationOf(tally: Tally, estimate: EstimateUniques = () => undefined): Participation {
  const { exposures, units, crossovers, unexplained } = sumsOf(tally);
  const known = isAmbiguous(tally) ? estimateAll(tally, estimate) : undefined;
  const withoutUnit = known === undefined ? 0 : Math.min(unexplained, Math.max(0, known - units - crossovers));
  const tooMany = known === undefined && tally.imported === undefined && unexplained > units;
  const are = units > 0 && withoutUnit <= units && !tooMany ? 'units' : 'exposures';
  return { are, exposures, units, withoutUnit, repeated: Math.max(0, unexplained - withoutUnit) };
}

function sumsOf(tally: Tally) {
  let [exposures, units, crossovers] = [0, 0, 0];
  for (const variant of tally.counts.keys()) {
    exposures += (countOf(tally, variant, EXPOSURE) || 0) - importedOf(tally, variant, EXPOSURE);
  }
  for (const seen of tally.visitors.values()) {
    units += seen.units || 0;
    crossovers += seen.crossovers || 0;
  }
  return { exposures, units, crossovers, unexplained: Math.max(0, exposures - units - crossovers) };
}

function estimateAll(tally: Tally, estimate: EstimateUniques): number | undefined {
  let sum = 0;
  for (const [variant, events] of tally.counts) {
    if (!events.has(EXPOSURE)) continue;
    const uniques = estimate(variant);
    if (uniques === undefined) return undefined;
    sum += uniques;
  }
  return sum;
}

/** Of one variant. A counter that holds no number counts as none here; a warning names it. */
export function participantsOf(tally: Tally, variant: string): number {
  if (tally.participantsAre === 'exposures') return exposuresOf(tally, variant);
  const { units = 0 } = tally.visitors.get(variant) ?? {};
  return (Number.isFinite(units) ? units : 0) + importedOf(tally, variant, EXPOSURE);
}

export function exposuresOf(tally: Tally, variant: string): number {
  return countOf(tally, variant, EXPOSURE) || 0;
}
