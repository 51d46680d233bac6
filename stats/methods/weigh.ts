import type { Evidence, Method } from '../../shared/contract/statistics.ts';
import type { Strictness } from './evidence.ts';
import type { Pair } from '../pair.ts';
import { weighByAbba } from './abba.ts';
import { weighBayesian } from './bayesian.ts';
import { weighFixed } from './fixed.ts';
import { weighSequential } from './sequential.ts';

/** What one method says of a pair. A method that cannot judge it answers with undetermined estimates. */
export function weigh(method: Method, pair: Pair, strictness: Strictness): Evidence {
  switch (method) {
    case 'sequential':
      return weighSequential(pair, strictness);
    case 'fixed':
      return weighFixed(pair, strictness);
    case 'bayesian':
      return weighBayesian(pair, strictness);
    case 'abba':
      return weighByAbba(pair, strictness);
  }
}
