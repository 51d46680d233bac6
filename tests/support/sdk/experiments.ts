// Experiments over a tracker that only writes down: for tests of what is decided and what is tracked.
import { createExperiments } from '../../../sdk/src/experiment/experiments.ts';
import type { ExperimentsDeps } from '../../../sdk/src/experiment/experiments.ts';
import { hmacNode } from '../../../sdk/src/node/identify.ts';
import type { StickyStore } from '../../../sdk/src/experiment/assignment.ts';
import { rememberIn } from '../../../sdk/src/sticky.ts';
import type { TrackedEvent } from '../../../sdk/src/tracker/outbox.ts';

/** Experiments that write their events down, and their errors. */
export const recordExperiments = ({
  stickyStore,
  ...deps
}: Partial<ExperimentsDeps> & { stickyStore?: StickyStore } = {}) => {
  const events: TrackedEvent[] = [];
  const errors: unknown[] = [];
  const experiments = createExperiments({
    namespace: 'shop',
    hmac: hmacNode,
    tracker: { track: (event) => void events.push(event), flush: () => Promise.resolve(0) },
    onError: (error) => void errors.push(error),
    memory: stickyStore && rememberIn(stickyStore),
    ...deps,
  });
  return { ...experiments, events, errors };
};
