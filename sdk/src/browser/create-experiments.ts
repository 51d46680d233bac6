import { quietly } from '../errors.ts';
import type { Assignment, StickyMemory } from '../experiment/assignment.ts';
import { findVariant } from '../experiment/definition.ts';
import { createExperiments as createCoreExperiments } from '../experiment/experiments.ts';
import type { CommonOptions, Experiments } from '../experiment/experiments.ts';
import type { Consent, Identity } from '../experiment/visitor.ts';
import { hmacSha256 } from '../key/sha256.ts';
import { eventsAddress, postWithFetch } from '../tracker/post.ts';
import { createStorageOutbox } from '../tracker/storage-outbox.ts';
import { createTracker } from '../tracker/tracker.ts';
import type { Tracker } from '../tracker/tracker.ts';
import {
  hasPrivacySignal,
  here,
  isAutomated,
  isInBrowser,
  mayStore,
  noteStorageError,
  pageState,
  takeStorageError,
} from './page.ts';
import { forgetVisitorId, keepVisitorId } from './visitor-id.ts';

/** Experiments' names -> what the server has decided. */
export type Bootstrap = Readonly<Record<string, Assignment>>;

export interface BrowserOptions extends CommonOptions {
  /** What the server has decided, so that the page shows the right variant at once. */
  readonly bootstrap?: Bootstrap;
  /** Lets visitors keep their variants: `rememberIn(store)`, from `mem-ab-sdk/sticky`. */
  readonly stickyStore?: StickyMemory;
  /**
   * What the visitor has said. `pending`: variants are shown, and nothing is stored, read or sent before `setConsent`
   * says `granted`. `refused`: the control, and nobody is counted. Default `granted`.
   */
  readonly consent?: Consent;
  /**
   * What becomes of visitors with Do Not Track or Global Privacy Control. `off` (the default): they see the control and
   * are not counted. `anonymous`: one visitor for as long as the page lasts, nothing is kept. `ignore`: as all others.
   */
  readonly doNotTrack?: 'off' | 'anonymous' | 'ignore';
  /** Whether browsers that say that a program drives them (`navigator.webdriver`) are counted. Default false. */
  readonly countAutomated?: boolean;
}

export interface BrowserExperiments extends Experiments {
  /**
   * What the visitor has said, from now on. `granted` sends what has happened on this page; `refused` forgets
   * it, and what is stored.
   */
  readonly setConsent: (consent: Consent) => void;
}

/** More than a visitor can do while offline, and a small part of what browsers let a site store. */
const CAPACITY = 1_000;

const TIMEOUT_MS = 30_000;

/**
 * Experiments of a page. Events wait in localStorage until the backend has acknowledged them. Works where there is no
 * page, too (a server that renders, a worker): events then wait in memory.
 * @throws InvalidDefinitionError where the endpoint is no address
 */
export function createExperiments({
  endpoint,
  bootstrap = {},
  consent,
  doNotTrack = 'off',
  countAutomated = false,
  stickyStore,
  ...options
}: BrowserOptions): BrowserExperiments {
  const page = pageState({ consent, doNotTrack });
  const address = eventsAddress(endpoint);
  const outbox = createStorageOutbox({
    storage: () => localStorage,
    prefix: `mem/${endpoint}/`,
    capacity: CAPACITY,
    now: Date.now,
    // An anonymous visitor's events are counted, but leave no trace in the browser.
    mayStore: () => isInBrowser() && mayStore(page),
    onRefused: () => noteStorageError('room', 'events wait in memory'),
  });
  const tracker = createTracker({
    post: postWithFetch(address, TIMEOUT_MS),
    address,
    outbox,
    onError: options.onError,
    maySend: () => page.consent === 'granted',
  });
  watchPage(tracker);
  void tracker.flush();

  const isUncounted = (): boolean => !countAutomated && isAutomated();

  /** Why a visitor takes no part, if so. */
  function exclusionOf(context = {}): string | undefined {
    if (page.consent === 'refused') return 'consent';
    if (doNotTrack === 'off' && hasPrivacySignal()) return 'privacy';
    // What a server renders before a page has asked for the visitor's id.
    return !isInBrowser() && Object.values(context).includes('') ? 'no visitor' : undefined;
  }

  const report = quietly(options.onError);
  const experiments = createCoreExperiments({
    ...options,
    memory: stickyStore,
    tracker: {
      flush: tracker.flush,
      track: (event) => {
        if (page.consent !== 'refused') tracker.track(event);
      },
    },
    hmac: hmacSha256,
    identify: (_request, _name, context): Identity => {
      const storageError = takeStorageError();
      if (storageError) report(storageError);
      return {
        context,
        excludedBy: exclusionOf(context),
        isUncounted: isUncounted(),
      };
    },
    known: (definition) => {
      const decided = bootstrap[definition.name];
      // A page and a server of different releases may not have the same variants.
      const variant = findVariant(definition, decided?.variant);
      if (!decided || variant === undefined) return undefined;
      return { ...decided, variant, tracked: decided.tracked && !isUncounted() && exclusionOf() === undefined };
    },
  });
  return {
    ...experiments,
    setConsent(said) {
      if (said === 'refused') {
        // First, as long as what is stored may be touched.
        outbox.clear();
        forgetVisitorId();
      }
      page.consent = said;
      if (said !== 'granted') return;
      keepVisitorId();
      outbox.persist();
      void tracker.flush();
    },
  };
}

/** Sends what waits when the page may be about to go, and when the network is back. */
function watchPage({ leave, resume }: Pick<Tracker, 'leave' | 'resume'>): void {
  here.addEventListener?.('pagehide', leave);
  here.addEventListener?.('online', resume);
  here.document?.addEventListener('visibilitychange', () => {
    // Phones end hidden pages without another word: this may be the last chance.
    if (document.visibilityState === 'hidden') leave();
  });
}

/** What the server's `renderBootstrap` has put into the page. Empty if there is none, or no page. */
export function readBootstrap(elementId = 'mem-bootstrap'): Bootstrap {
  try {
    return JSON.parse(here.document?.getElementById(elementId)?.textContent ?? '{}') as Bootstrap;
  } catch {
    return {};
  }
}
