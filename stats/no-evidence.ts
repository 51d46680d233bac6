import { undetermined } from './estimate';
import type { Evidence } from './evidence';

/** What a method says where it has nothing to say. */
export function noEvidence(reason: string, alpha: number): Evidence {
  return {
    difference: undetermined(reason),
    lift: undetermined(reason),
    alpha,
    p: null,
    chanceAbove: null,
    losses: null,
    side: 'undecided',
    contradictory: false,
  };
}
