import { createExperiments as createCoreExperiments } from '../experiment/experiments.ts';
import type { StickyStore } from '../experiment/assignment.ts';
import type { CommonOptions, Experiments } from '../experiment/experiments.ts';
import type { Visit } from '../experiment/visit.ts';
import { rememberIn } from '../experiment/remember-in.ts';
import { createMemoryOutbox } from '../tracker/outbox.ts';
import { eventsAddress, postWithFetch } from '../tracker/post.ts';
import { createTracker } from '../tracker/tracker.ts';
import type { Tracker } from '../tracker/tracker.ts';
import { listSecrets } from '../visitor/signed-text.ts';
import { hmacNode, identifyByRequest } from './identify.ts';
import type { IdentificationSettings } from './identify.ts';

export interface MemoryTrackerOptions {
  /** The backend's address: events go to its path `/events`. With a path of its own, the whole address they go to. */
  readonly endpoint: string;
  readonly onError: (error: unknown) => void;
  /** How many events may wait for the backend. Default 10,000. */
  readonly queueCapacity?: number | undefined;
  /** How long to wait for an answer of the backend. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

export interface NodeOptions extends CommonOptions, IdentificationSettings, MemoryTrackerOptions {
  readonly stickyStore?: StickyStore;
}

/**
 * Experiments of a server or a Lambda. Events wait in memory: call `flush` before the process may end.
 * @throws InvalidDefinitionError where the endpoint is no address, or a secret is empty
 */
export function createExperiments(options: NodeOptions): Experiments {
  // A missing secret is found when the process starts, not at the first visitor.
  for (const settings of [options.cookie, options.forcedLinks]) if (settings) listSecrets(settings.secret);

  return createCoreExperiments({
    ...options,
    memory: options.stickyStore && rememberIn(options.stickyStore),
    tracker: createMemoryTracker(options),
    hmac: hmacNode,
    identify: identifyByRequest(options),
  });
}

/**
 * A tracker whose events wait in memory: call `flush` before the process may end.
 * @throws InvalidDefinitionError where the endpoint is no address
 */
export function createMemoryTracker({
  endpoint,
  onError,
  queueCapacity = 10_000,
  timeoutMs = 10_000,
}: MemoryTrackerOptions): Tracker {
  const address = eventsAddress(endpoint);
  return createTracker({
    post: postWithFetch(address, timeoutMs),
    address,
    outbox: createMemoryOutbox(queueCapacity),
    onError,
    release: (timer) => timer.unref(),
  });
}

/**
 * A script element that hands what the server has decided to the page, so that it shows the right variant at once.
 * It holds data only: no Content-Security-Policy needs to allow it.
 */
export async function renderBootstrap(
  visits: readonly Pick<Visit, 'name' | 'assign'>[],
  elementId = 'mem-bootstrap',
): Promise<string> {
  const decided = await Promise.all(visits.map(async (visit) => [visit.name, await visit.assign()] as const));
  // Escaped, so that no name can end the element.
  const json = JSON.stringify(Object.fromEntries(decided)).replace(/</g, '\\u003c');
  return `<script type="application/json" id="${elementId}">${json}</script>`;
}
