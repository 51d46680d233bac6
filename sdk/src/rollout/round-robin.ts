import { isCovered } from './bucket.ts';
import type { RolloutRequest } from './rollout.ts';

/** Counts an experiment's draws from 0. One for all processes (Redis INCR, say) makes the arms equal everywhere. */
export type DrawCounter = (name: string) => number | Promise<number>;

const createDrawCounter = (): DrawCounter => {
  const draws = new Map<string, number>();
  return (name) => {
    const draw = draws.get(name) ?? 0;
    draws.set(name, draw + 1);
    return draw;
  };
};

/** Deals the variants out in turn: equal arms even for few visitors. Needs a sticky store, as `random` does. */
export const roundRobin = (countDraw: DrawCounter = createDrawCounter()) => ({
  async choose<V extends string>({ name, id, variants, coverage }: RolloutRequest<V>): Promise<V | undefined> {
    return isCovered(name, id, coverage) ? variants[(await countDraw(name)) % variants.length] : undefined;
  },
});
