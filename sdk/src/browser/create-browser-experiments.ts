import { createExperiments as createCoreExperiments } from '../experiment/experiments.ts';
import type { CommonOptions, Experiments } from '../experiment/experiments.ts';
import { findVariant } from '../experiment/definition.ts';
import { hmacSha256 } from '../hash/hmac.ts';
import { postWithFetch } from '../tracker/post.ts';
import { createStorageOutbox } from '../tracker/storage-outbox.ts';
import { createTracker } from '../tracker/tracker.ts';
import type { Bootstrap } from './bootstrap.ts';
import { watchPage } from './watch-page.ts';

export interface BrowserOptions extends CommonOptions {
  /** What the server has decided, so that the page shows the right variant at once. */
  readonly bootstrap?: Bootstrap;
}

/** More than a visitor can do while offline, and a small part of what browsers let a site store. */
const capacity = 1_000;

const timeoutMs = 30_000;

/** Experiments of a page. Events wait in localStorage until the backend has acknowledged them. */
export const createExperiments = ({ endpoint, bootstrap = {}, ...options }: BrowserOptions): Experiments => {
  const tracker = createTracker({
    post: postWithFetch(endpoint, timeoutMs),
    outbox: createStorageOutbox({ storage: () => localStorage, prefix: `mem/${endpoint}/`, capacity, now: Date.now }),
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
};
