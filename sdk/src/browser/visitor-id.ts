import { randomId } from '../key/sha256.ts';

const STORAGE_KEY = 'mem/visitor';

interface PrivacySignals {
  readonly doNotTrack?: string | null;
  readonly globalPrivacyControl?: boolean;
}

/**
 * A random id of this browser, kept in localStorage from the first call on; never before. Lasts for the page only where
 * the visitor refuses tracking (Do Not Track, Global Privacy Control) or the browser refuses storage.
 */
export function visitorId(): string {
  const { doNotTrack, globalPrivacyControl }: PrivacySignals = navigator;
  if (doNotTrack === '1' || globalPrivacyControl) return randomId();

  try {
    const known = localStorage.getItem(STORAGE_KEY) ?? randomId();
    localStorage.setItem(STORAGE_KEY, known);
    return known;
  } catch {
    return randomId();
  }
}
