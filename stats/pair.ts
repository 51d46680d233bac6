import { rateOf, type Proportion } from './proportion';
import type { Measured } from './ratio-lift';
import { meanOf, type Sample } from './sample';

/** Two arms measured in the same way: by a share of participants, or by a number on every unit. */
export type Pair =
  | { readonly kind: 'proportion'; readonly control: Proportion; readonly variant: Proportion }
  | { readonly kind: 'mean'; readonly control: Sample; readonly variant: Sample };

/** Both arms as a mean with its standard error, and the units of both together. */
export interface MeasuredPair {
  readonly control: Measured;
  readonly variant: Measured;
  readonly difference: number;
  /** Of the difference, each arm with its own variance. */
  readonly standardError: number;
  readonly units: number;
}

export function measure(pair: Pair): MeasuredPair {
  const [control, variant, units] =
    pair.kind === 'proportion'
      ? [measureRate(pair.control), measureRate(pair.variant), pair.control.participants + pair.variant.participants]
      : [meanOf(pair.control), meanOf(pair.variant), pair.control.units + pair.variant.units];
  return {
    control,
    variant,
    difference: variant.mean - control.mean,
    standardError: Math.hypot(control.standardError, variant.standardError),
    units,
  };
}

/** variant / control - 1, alone; null while the data define no interval around it. */
export function liftOf(pair: Pair): number | null {
  const { control, variant, standardError } = measure(pair);
  const ratio = variant.mean / control.mean;
  return control.mean > 0 && standardError > 0 && Number.isFinite(ratio) ? ratio - 1 : null;
}

function measureRate(proportion: Proportion): Measured {
  const rate = rateOf(proportion);
  const { conversions, participants } = proportion;
  return {
    mean: rate,
    standardError: Math.sqrt((rate * ((participants - conversions) / participants)) / participants),
  };
}
