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

export function pageState(): Page {
  // A server has many visitors: what one of them has said is nothing to the others.
  const shared = (isInBrowser() ? globalThis : {}) as { [KEY]?: Page };
  return (shared[KEY] ??= { consent: 'granted' });
}

/** Whether this is a browser's page or worker, and no server that renders pages for many visitors. */
export function isInBrowser(): boolean {
  return typeof document !== 'undefined' || 'WorkerGlobalScope' in globalThis;
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
  const error = page.storageError || undefined;
  if (error) page.storageError = false;
  return error;
}

interface Signals {
  readonly doNotTrack?: string | null;
  readonly globalPrivacyControl?: boolean;
  readonly webdriver?: boolean;
}

function signals(): Signals {
  return typeof navigator === 'undefined' ? {} : navigator;
}

/** Whether Do Not Track or Global Privacy Control is set. */
export function hasPrivacySignal(): boolean {
  const { doNotTrack, globalPrivacyControl } = signals();
  return doNotTrack === '1' || doNotTrack === 'yes' || globalPrivacyControl === true;
}

/** Whether a program says that it drives this browser. */
export function isAutomated(): boolean {
  return signals().webdriver === true;
}
