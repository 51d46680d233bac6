import { isCovered } from './bucket.ts';
import type { RolloutRequest } from './rollout.ts';

/** Draws afresh each time. Without a sticky store a visitor meets another variant on the next page. */
export const random = (draw: () => number = Math.random) => ({
  choose<V extends string>({ name, id, variants, coverage }: RolloutRequest<V>): V | undefined {
    return isCovered(name, id, coverage) ? variants[Math.floor(draw() * variants.length)] : undefined;
  },
});
