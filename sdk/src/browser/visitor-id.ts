import { randomId } from '../tracker/random-id.ts';

const storageKey = 'mem/visitor';

interface PrivacySignals {
  readonly doNotTrack?: string | null;
  readonly globalPrivacyControl?: boolean;
}

/**
 * A random id of this browser, kept in localStorage from the first call on; never before. Lasts for the page only where
 * the visitor refuses tracking (Do Not Track, Global Privacy Control) or the browser refuses storage.
 */
export const visitorId = (): string => {
  const { doNotTrack, globalPrivacyControl }: PrivacySignals = navigator;
  if (doNotTrack === '1' || globalPrivacyControl) return randomId();

  try {
    const known = localStorage.getItem(storageKey) ?? randomId();
    localStorage.setItem(storageKey, known);
    return known;
  } catch {
    return randomId();
  }
};
