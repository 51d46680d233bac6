import type { Assignment } from '../experiment/assignment.ts';
import { findVariant } from '../experiment/definition.ts';
import { createExperiments as createCoreExperiments } from '../experiment/experiments.ts';
import type { CommonOptions, Experiments } from '../experiment/experiments.ts';
import { hmacSha256 } from '../key/sha256.ts';
import { postWithFetch } from '../tracker/post.ts';
import { createStorageOutbox } from '../tracker/storage-outbox.ts';
import { createTracker } from '../tracker/tracker.ts';
import type { Tracker } from '../tracker/tracker.ts';

/** Experiments' names -> what the server has decided. */
export type Bootstrap = Readonly<Record<string, Assignment>>;

export interface BrowserOptions extends CommonOptions {
  /** What the server has decided, so that the page shows the right variant at once. */
  readonly bootstrap?: Bootstrap;
}

/** More than a visitor can do while offline, and a small part of what browsers let a site store. */
const CAPACITY = 1_000;

const TIMEOUT_MS = 30_000;

/** Experiments of a page. Events wait in localStorage until the backend has acknowledged them. */
export function createExperiments({ endpoint, bootstrap = {}, ...options }: BrowserOptions): Experiments {
  const tracker = createTracker({
    post: postWithFetch(endpoint, TIMEOUT_MS),
    outbox: createStorageOutbox({
      storage: () => localStorage,
      prefix: `mem/${endpoint}/`,
      capacity: CAPACITY,
      now: Date.now,
    }),
    onError: options.onError,
  });
  watchPage(tracker);
  void tracker.flush();

  return createCoreExperiments({
    ...options,
    tracker,
    hmac: hmacSha256,
    known: (definition) => {
      const decided = bootstrap[definition.name];
      // A page and a server of different releases may not have the same variants.
      const variant = findVariant(definition, decided?.variant);
      return decided && variant !== undefined ? { ...decided, variant } : undefined;
    },
  });
}

/** Sends what waits when the page may be about to go, and when the network is back. */
function watchPage({ flush, leave }: Pick<Tracker, 'flush' | 'leave'>): void {
  addEventListener('pagehide', leave);
  addEventListener('online', () => void flush());
  document.addEventListener('visibilitychange', () => {
    // Phones end hidden pages without another word: this may be the last chance.
    if (document.visibilityState === 'hidden') leave();
  });
}

/** What the server's `renderBootstrap` has put into the page. Empty if there is none. */
export function readBootstrap(elementId = 'mem-bootstrap'): Bootstrap {
  return JSON.parse(document.getElementById(elementId)?.textContent ?? '{}') as Bootstrap;
}
