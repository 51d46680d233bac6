import { InvalidDefinitionError } from '../errors.ts';
import { bucket } from './bucket.ts';
import type { RolloutRequest } from './rollout.ts';

/**
 * Draws by the visitor's bucket: always the same answer, on every machine, with nothing stored.
 *
 * Each variant owns the beginning of its share of the line from 0 to 1, as long as the coverage allows:
 *
 *     coverage 0.5   control ■■■■■□□□□□ button ■■■■■□□□□□
 *
 * so that raising the coverage lengthens each range and moves nobody from one variant to another.
 */
export const percent = <V extends string>(weights: Readonly<Record<V, number>>) => {
  const variants = Object.keys(weights) as V[];
  const total = variants.reduce((sum, variant) => sum + weights[variant], 0);
  if (!(Math.abs(total - 100) < 1e-6) || variants.some((variant) => weights[variant] < 0)) {
    throw new InvalidDefinitionError(`Expected weights that add up to 100, got ${JSON.stringify(weights)}.`);
  }

  return {
    choose({ name, id, coverage }: Pick<RolloutRequest, 'name' | 'id' | 'coverage'>): V | undefined {
      const place = bucket(name, id);
      let from = 0;
      return variants.find((variant) => {
        const weight = weights[variant] / 100;
        const isInside = place >= from && place < from + coverage * weight;
        from += weight;
        return isInside;
      });
    },
  };
};

/** `percent` with the same weight for everyone. */
export const evenly = <V extends string>(variants: readonly V[]) =>
  percent(Object.fromEntries(variants.map((variant) => [variant, 100 / variants.length])) as Record<V, number>);
