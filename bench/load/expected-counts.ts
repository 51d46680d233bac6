import { DEFAULT_NAMESPACE } from '../../shared/contract/event.ts';
import { segmentLabel } from '../../shared/contract/experiment-id.ts';
import type { SentEvent } from './events.ts';

export interface ExpectedExperiment {
  namespace: string;
  name: string;
  /** See counterName(). */
  counts: Map<string, number>;
}

/** What every counter has to be: the number of distinct (namespace, experiment, variant, event, uuid). */
export interface ExpectedCounts {
  add: (event: SentEvent) => void;
  experiments: () => ExpectedExperiment[];
}

export function createExpectedCounts(): ExpectedCounts {
  const seen = new Set<string>();
  const experiments = new Map<string, ExpectedExperiment>();
  return {
    add({ namespace = DEFAULT_NAMESPACE, experiment, variant, event, uuid, segments = {} }) {
      const key = JSON.stringify([namespace, experiment, variant, event, uuid]);
      if (seen.has(key)) return;
      seen.add(key);

      const id = JSON.stringify([namespace, experiment]);
      let found = experiments.get(id);
      if (!found) experiments.set(id, (found = { namespace, name: experiment, counts: new Map() }));
      const labels = Object.entries(segments).map(([segment, value]) => segmentLabel(segment, value));
      for (const label of [undefined, ...labels]) {
        const name = counterName(variant, event, label);
        found.counts.set(name, (found.counts.get(name) ?? 0) + 1);
      }
    },
    experiments: () => [...experiments.values()],
  };
}

/** @param segment `platform=ios`; none for all visitors together */
export function counterName(variant: string, event: string, segment?: string): string {
  return JSON.stringify([variant, event, ...(segment === undefined ? [] : [segment])]);
}
