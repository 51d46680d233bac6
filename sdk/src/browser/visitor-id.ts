import type { Consent } from '../experiment/visitor.ts';
import { randomId } from '../key/sha256.ts';
import { isInBrowser, mayStore, noteStorageError, pageState } from './page.ts';

const COOKIE = 'mem_visitor';
const STORAGE_KEY = 'mem/visitor';

const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;

export interface VisitorIdOptions {
  /** What the visitor has said; unless granted, the id stays in memory. Default: as `createExperiments` was told. */
  readonly consent?: Consent;
  /** `ignore` keeps an id also where Do Not Track or Global Privacy Control is set. */
  readonly doNotTrack?: 'ignore';
}

/**
 * A random id of this browser: from the first call on in a cookie for all hosts of the site, or else in localStorage;
 * never before. It lasts as long as the page, and is the same for every caller, where nothing may be kept: without
 * consent, with Do Not Track or Global Privacy Control, or where the browser refuses both places. Empty on a server,
 * which renders for many visitors: they are shown the control, and not counted.
 */
export function visitorId(options: VisitorIdOptions = {}): string {
  if (!isInBrowser()) return '';

  const page = pageState(options);
  page.id ??= (mayStore(page) ? readKept() : undefined) ?? randomId();
  keepVisitorId();
  return page.id;
}

/** Puts the id where it lasts, once that is allowed. One that is there already stays, unless a link brought another. */
export function keepVisitorId(): void {
  const page = pageState();
  if (page.id === undefined || page.isKept || !mayStore(page)) return;

  page.isKept = true;
  const id = page.isHandedOver ? page.id : (readKept() ?? page.id);
  if (!writeCookie(id) && !writeStorage(id)) noteStorageError('a cookie', 'visitors are new on each page');
}

/** Takes the id away from where it lasts: consent was withdrawn. */
export function forgetVisitorId(): void {
  pageState().isKept = false;
  attempt(() => localStorage.removeItem(STORAGE_KEY));
  for (const domain of listDomains()) setCookie(COOKIE, '', 0, domain);
}

/** Whether a text is an id that `visitorId` has made. */
export function isVisitorId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    // Frames, settings and workers take these things away: there is a second place.
    return undefined;
  }
}

function readCookie(name: string): string | undefined {
  return attempt(() => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie)?.[1]);
}

function readKept(): string | undefined {
  const kept = readCookie(COOKIE) ?? attempt(() => localStorage.getItem(STORAGE_KEY)) ?? '';
  return isVisitorId(kept) ? kept : undefined;
}

function writeStorage(id: string): boolean {
  return (
    attempt(() => {
      localStorage.setItem(STORAGE_KEY, id);
      return localStorage.getItem(STORAGE_KEY) === id;
    }) ?? false
  );
}

/** `Secure` where the page is: elsewhere some browsers drop such a cookie without a word. */
function setCookie(name: string, value: string, maxAgeSeconds: number, domain: string): void {
  attempt(() => {
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    const scope = domain === '' ? '' : `; Domain=${domain}`;
    document.cookie = `${name}=${value}; Max-Age=${maxAgeSeconds}; Path=/; SameSite=Lax${scope}${secure}`;
  });
}

/** The domains that a cookie of this host might be for, the widest first; '' is the host alone. */
function listDomains(): readonly string[] {
  const host = attempt(() => location.hostname) ?? '';
  const labels = /[a-z]/i.test(host) && !host.includes(':') ? host.split('.') : [];
  return [...labels.map((_, i) => labels.slice(labels.length - 1 - i).join('.')), ''];
}

/**
 * Writes the cookie for the widest domain that holds. Which that is, is found out by trying with another name: browsers
 * know which domains belong to many owners, and there is no way to ask them.
 */
function writeCookie(id: string): boolean {
  const probe = `${COOKIE}_probe`;
  const widest = listDomains().find((domain) => {
    setCookie(probe, id, 10, domain);
    const holds = readCookie(probe) === id;
    if (holds) setCookie(probe, '', 0, domain);
    return holds;
  });
  if (widest === undefined) return false;

  setCookie(COOKIE, id, MAX_AGE_SECONDS, widest);
  return readCookie(COOKIE) !== undefined;
}
