import type { ExperimentRef } from '../../contract/experiment-id.ts';
import { experimentId, fieldOf } from '../../contract/experiment-id.ts';

/** Names every key of Mem in Redis: see "Redis" in docs/architecture.md. */
export interface RedisKeys {
  pointer: string;
  /** Whose all of this is: the id of an installation, and its name. */
  owner: string;
  hold: string;
  watermarks: (generation: string) => string;
  experiments: (generation: string) => string;
  activity: (generation: string) => string;
  counts: (generation: string, id: string) => string;
  days: (generation: string, id: string) => string;
  units: (generation: string, id: string) => string;
  moments: (generation: string, id: string) => string;
  uniques: (generation: string, id: string, variantAndEvent: string) => string;
}

/** @param prefix a hash tag such as `{mem}`: one node of a cluster holds all keys */
export function createRedisKeys(prefix: string): RedisKeys {
  const perExperiment = (kind: string) => (generation: string, id: string) => `${prefix}:${generation}:${kind}:${id}`;
  return {
    pointer: `${prefix}:generation`,
    owner: `${prefix}:owner`,
    hold: `${prefix}:hold`,
    watermarks: (generation) => `${prefix}:${generation}:watermarks`,
    experiments: (generation) => `${prefix}:${generation}:experiments`,
    activity: (generation) => `${prefix}:${generation}:activity`,
    counts: perExperiment('counts'),
    days: perExperiment('days'),
    units: perExperiment('units'),
    moments: perExperiment('moments'),
    uniques: (generation, id, variantAndEvent) => `${prefix}:${generation}:uniques:${id}:${variantAndEvent}`,
  };
}

/** The key of the HyperLogLog for one variant and event of an experiment. */
export function uniquesKey(keys: RedisKeys, generation: string, ref: ExperimentRef, variant: string, event: string) {
  return keys.uniques(generation, experimentId(ref), fieldOf(variant, event));
}
