import { TrackingError } from '../errors.ts';
import type { Consent } from '../experiment/visitor.ts';

/** What all scripts of a page share, also where the SDK was loaded twice: a visitor is one visitor to all of them. */
export interface Page {
  consent: Consent;
  /** Whether Do Not Track and Global Privacy Control are left aside. */
  ignoresSignals?: boolean;
  /** The visitor's id, once somebody has asked for it. */
  id?: string;
  /** Whether the id came with a link from another host of the site. */
  isHandedOver?: boolean;
  /** Whether the id has been put where it lasts, as far as the browser lets it. */
  isKept?: boolean;
  /** What the browser refuses to keep; false once somebody has heard of it. */
  storageError?: TrackingError | false;
}

const KEY = Symbol.for('mem-ab-sdk/page');

/** What somebody says about the visitor, to all scripts of the page. */
export interface PageSettings {
  /** What the visitor has said. */
  readonly consent?: Consent | undefined;
  /** `ignore` leaves Do Not Track and Global Privacy Control aside. */
  readonly doNotTrack?: string;
}

/** What is known of this page's visitor, once these settings are taken in. */
export function pageState({ consent, doNotTrack }: PageSettings = {}): Page {
  // A server has many visitors: what one of them has said is nothing to the others.
  const shared = (isInBrowser() ? globalThis : {}) as Record<symbol, Page | undefined>;
  const page = (shared[KEY] ??= { consent: 'granted' });
  if (consent) page.consent = consent;
  if (doNotTrack === 'ignore') page.ignoresSignals = true;
  return page;
}

/** What a browser has: a worker has a part of it, and a server nothing. */
export const here = globalThis as Partial<
  Pick<typeof globalThis, 'addEventListener' | 'document' | 'history' | 'location' | 'navigator'>
>;

/** Whether this is a browser's page or worker, and no server that renders pages for many visitors. */
export function isInBrowser(): boolean {
  return here.document !== undefined || 'WorkerGlobalScope' in globalThis;
}

/** Whether anything may be kept in this browser, and read of what it has kept. */
export function mayStore({ consent, ignoresSignals }: Page): boolean {
  return consent === 'granted' && (ignoresSignals === true || !hasPrivacySignal());
}

/** Remembers that the browser refuses to keep something, so that one `onError` of the page hears of it once. */
export function noteStorageError(expected: string, consequence: string): void {
  const message = `Expected ${expected} or localStorage, got none: ${consequence}.`;
  pageState().storageError ??= new TrackingError('storage_refused', [], message);
}

/** What `noteStorageError` has remembered, if nobody has heard of it yet. */
export function takeStorageError(): TrackingError | undefined {
  const page = pageState();
  const { storageError } = page;
  if (!storageError) return undefined;
  page.storageError = false;
  return storageError;
}

interface Signals {
  readonly doNotTrack?: string | null;
  readonly globalPrivacyControl?: boolean;
}

/** Whether Do Not Track or Global Privacy Control is set. */
export function hasPrivacySignal(): boolean {
  const { doNotTrack, globalPrivacyControl }: Signals = here.navigator ?? {};
  return doNotTrack === '1' || doNotTrack === 'yes' || globalPrivacyControl === true;
}

/** Whether a program says that it drives this browser. */
export function isAutomated(): boolean {
  return here.navigator?.webdriver === true;
}
