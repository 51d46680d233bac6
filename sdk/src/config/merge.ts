import type { Behaviors, Definition, Exclusive } from '../experiment/definition.ts';
import type { HashVersion } from '../key/context-key.ts';
import { bucket } from '../rollout.ts';
import { fits } from './conditions.ts';
import type { Condition } from './conditions.ts';

/** What a definition of the backend says of one experiment. */
export interface ExperimentConfig {
  readonly definedAt: string;
  readonly status?: string;
  readonly coverage?: number;
  readonly weights?: Readonly<Record<string, number>>;
  readonly winner?: string;
  readonly exclusive?: Exclusive;
  readonly targeting?: Condition;
  readonly hashVersion?: HashVersion;
  readonly unitVersion?: 1 | 2;
}

/**
 * The definition in the code, with what has been decided since. The code says which variants there are, and in which
 * order they lie on the line; what it does not have is left aside, and the share of a variant that it does not have is
 * nobody's.
 */
export function mergeDefinition<B extends Behaviors, C extends object>(
  written: Definition<B, C>,
  { definedAt, status, coverage, weights, winner, exclusive, targeting, hashVersion, unitVersion }: ExperimentConfig,
): Definition<B, C> {
  const { name, variants } = written;
  const changed = {
    ...written,
    definedAt,
    coverage: coverage ?? written.coverage,
    exclusive: exclusive ?? written.exclusive,
    hashVersion: hashVersion ?? written.hashVersion,
    unitVersion: unitVersion ?? written.unitVersion,
    rollout: (weights && drawBy(Object.keys(variants) as (keyof B & string)[], weights)) ?? written.rollout,
    exclude: [...(written.exclude ?? []), ...(targeting ? [(seen: C) => !fits(name, targeting, seen)] : [])],
  };
  if (winner !== undefined && Object.hasOwn(variants, winner)) {
    // With nothing to choose from everybody gets it, and nobody is counted.
    const only = { [winner]: variants[winner] } as B;
    return { ...changed, variants: only, rollout: undefined, segment: undefined, enabled: false, status: 'shipped' };
  }
  return status === undefined ? changed : { ...changed, enabled: false, status };
}

/** As `percent` draws, with weights in any unit; undefined where the code has none of the variants that have one. */
function drawBy<V extends string>(names: readonly V[], weights: Readonly<Record<string, number>>) {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const weightOf = (variant: string) => (Object.hasOwn(weights, variant) ? (weights[variant] ?? 0) / total : 0);
  if (!names.some((variant) => weightOf(variant) > 0)) return undefined;

  return {
    choose: ({ name, id, coverage }: { name: string; id: string; coverage: number }): V | undefined => {
      const place = bucket(name, id);
      let from = 0;
      return names.find((variant) => {
        const weight = weightOf(variant);
        const isInside = place >= from && place < from + coverage * weight;
        from += weight;
        return isInside;
      });
    },
  };
}
