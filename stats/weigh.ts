import type { Evidence, Method } from '../shared/contract/statistics.ts';
import type { Strictness } from './evidence';
import type { Pair } from './pair';
import { weighByAbba } from './weigh-abba';
import { weighBayesian } from './weigh-bayesian';
import { weighFixed } from './weigh-fixed';
import { weighSequential } from './weigh-sequential';

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
