// Experiments over a tracker that only writes down: for tests of what is decided and what is tracked.
import { createExperiments } from '../../../sdk/src/experiment/experiments.ts';
import type { ExperimentsDeps } from '../../../sdk/src/experiment/experiments.ts';
import { hmacNode } from '../../../sdk/src/node/identify.ts';
import type { TrackedEvent } from '../../../sdk/src/tracker/outbox.ts';

/** Experiments that write their events down, and their errors. */
export const recordExperiments = (deps: Partial<ExperimentsDeps> = {}) => {
  const events: TrackedEvent[] = [];
  const errors: unknown[] = [];
  const experiments = createExperiments({
    namespace: 'shop',
    hmac: hmacNode,
    tracker: { track: (event) => void events.push(event), flush: () => Promise.resolve(0) },
    onError: (error) => void errors.push(error),
    ...deps,
  });
  return { ...experiments, events, errors };
};
