import { createExperiments as createCoreExperiments } from '../experiment/experiments.ts';
import type { CommonOptions, Experiments } from '../experiment/experiments.ts';
import { listSecrets } from '../visitor/signed-text.ts';
import { createMemoryTracker } from './create-memory-tracker.ts';
import type { MemoryTrackerOptions } from './create-memory-tracker.ts';
import { hmacNode } from './hmac-node.ts';
import { identifyByRequest } from './identify-by-request.ts';
import type { IdentificationSettings } from './identify-by-request.ts';

export interface NodeOptions extends CommonOptions, IdentificationSettings, MemoryTrackerOptions {}

/** Experiments of a server or a Lambda. Events wait in memory: call `flush` before the process may end. */
export const createExperiments = (options: NodeOptions): Experiments => {
  // A missing secret is found when the process starts, not at the first visitor.
  for (const settings of [options.cookie, options.forcedLinks]) if (settings) listSecrets(settings.secret);

  return createCoreExperiments({
    ...options,
    tracker: createMemoryTracker(options),
    hmac: hmacNode,
    identify: identifyByRequest(options),
  });
};
