import { canonicalJson } from '../key/context-key.ts';
import type { Hmac } from '../key/sha256.ts';
import { randomId } from '../key/sha256.ts';
import { fnv1a } from '../rollout.ts';
import { listSecrets, signText, verifyText } from './signed-text.ts';
import type { Secret } from './signed-text.ts';
import type { CookieOptions, VisitorRequest } from './visitor-request.ts';

export interface CookieSettings {
  /** Signs the cookie. */
  readonly secret: Secret;
  /** Default: the host that answers. A site of several hosts names the domain that they share. */
  readonly domain?: string;
  /** Whether the cookie is for TLS alone. Default: where the request has come by TLS, or does not say. */
  readonly secure?: boolean;
}

export interface VisitorCookieOptions {
  readonly hmac: Hmac;
  readonly cookie: CookieSettings;
  /** The experiment's full name. */
  readonly name: string;
  /** Which part of the context is the visitor's id. */
  readonly idKey: string;
}

export interface Identified {
  readonly context: object;
  /** Part of the context as it was before signing in. */
  readonly migratedWith?: object;
}

/** One for all experiments: what leaves the server is a hash that differs between them. */
const COOKIE = 'mem_id';

const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;

/** How long after signing in the other experiments may still learn of it. */
const SIGNED_IN_SECONDS = 30 * 24 * 60 * 60;

/** What the value may be long, signature and all: headers of some KB are refused by many servers. */
const MAX_LENGTH = 1_450;

const CODE_LENGTH = 6;
const PACKED_UUID_LENGTH = 22;
const ENTRY_LENGTH = CODE_LENGTH + PACKED_UUID_LENGTH;

/** What the cookie says. */
interface State {
  /** The visitor, as a UUID. */
  readonly id: string;
  /** Experiments whose visitor came from a cookie of their own, the newest last: `<code><packed UUID>` each. */
  readonly entries: string;
  /** Whom the visitor has signed in as: a code. Empty while they have not. */
  readonly signedIn: string;
}

/**
 * Who a visitor is, by the id in the context and the cookie:
 *
 *     no id, no cookie    a new cookie, and its value as the id
 *     cookie alone        the cookie's value as the id
 *     both                signed in: the cookie's value as what the id was before
 *     both, but the cookie is of somebody else who has signed in here: the id alone, and the cookie is deleted
 *     id alone            nothing
 *
 * After signing in the cookie lasts for a month, so that each experiment learns of it; whoever signs out is a new visitor.
 */
export function identifyByCookie(
  request: VisitorRequest,
  context: object,
  { hmac, cookie, name, idKey }: VisitorCookieOptions,
): Identified {
  const secrets = listSecrets(cookie.secret);
  const id = readId(context, idKey);
  const known = readState(request, hmac, cookie, secrets);
  const write = (state: State, maxAgeSeconds: number): void => {
    const value = signText(hmac, secrets[0], COOKIE, serialize(state));
    request.writeCookie(COOKIE, value, optionsOf(cookie, maxAgeSeconds));
  };

  if (id === undefined) {
    if (known?.signedIn === '') return { context: { ...context, [idKey]: idIn(known, name) } };
    const created: State = { id: toUuid(randomId()), entries: '', signedIn: '' };
    write(created, MAX_AGE_SECONDS);
    return { context: { ...context, [idKey]: created.id } };
  }

  if (!known) return { context };
  const code = hmac(secrets[0], canonicalJson(['signed in', id], 2)).slice(0, 12);
  if (known.signedIn !== '' && known.signedIn !== code) {
    request.writeCookie(COOKIE, '', optionsOf(cookie, 0));
    return { context };
  }
  if (known.signedIn === '') write({ ...known, signedIn: code }, SIGNED_IN_SECONDS);
  return { context, migratedWith: { [idKey]: idIn(known, name) } };
}

/** The visitor's id in a context, if there is one. */
export function readId(context: object, idKey: string): unknown {
  const id = (context as Readonly<Record<string, unknown>>)[idKey];
  return id === null || id === '' ? undefined : id;
}

function optionsOf({ domain, secure }: CookieSettings, maxAgeSeconds: number): CookieOptions {
  return { maxAgeSeconds, domain, secure };
}

/** Names in a `Cookie` header that an experiment's own cookie of version 0.1.0 may have. */
function listOldNames(request: VisitorRequest): string[] {
  const names = (request.header('cookie') ?? '').split(/; */).map((pair) => pair.slice(0, pair.indexOf('=')));
  return names.filter((name) => name.endsWith('_id') && name !== COOKIE).map(decode);
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What the cookie says, with what an experiment's own cookies say that version 0.1.0 has set: these are taken away. */
function readState(
  request: VisitorRequest,
  hmac: Hmac,
  cookie: CookieSettings,
  secrets: readonly [string, ...string[]],
): State | undefined {
  const text = verifyText(hmac, secrets, COOKIE, request.readCookie(COOKIE) ?? '');
  let state = text === undefined ? undefined : parse(text);
  const isSignedIn = state !== undefined && state.signedIn !== '';
  let isChanged = false;

  for (const oldName of listOldNames(request)) {
    const old = verifyText(hmac, secrets, oldName, request.readCookie(oldName) ?? '');
    if (old === undefined || !isUuid(old)) continue;
    const entry = codeOf(oldName.slice(0, -'_id'.length)) + pack(old);
    state = { id: state?.id ?? old, entries: (state?.entries ?? '') + entry, signedIn: state?.signedIn ?? '' };
    request.writeCookie(oldName, '', optionsOf(cookie, 0));
    isChanged = true;
  }
  if (state && isChanged) {
    const maxAgeSeconds = isSignedIn ? SIGNED_IN_SECONDS : MAX_AGE_SECONDS;
    const value = signText(hmac, secrets[0], COOKIE, serialize(state));
    request.writeCookie(COOKIE, value, optionsOf(cookie, maxAgeSeconds));
  }
  return state;
}

/** Six characters for an experiment's name. */
function codeOf(name: string): string {
  return fnv1a(name).toString(36).padStart(7, '0').slice(-CODE_LENGTH);
}

/** The visitor's id in an experiment: of the experiment's own cookie, where it had one. */
function idIn({ id, entries }: State, name: string): string {
  const code = codeOf(name);
  for (let at = entries.length - ENTRY_LENGTH; at >= 0; at -= ENTRY_LENGTH) {
    if (entries.startsWith(code, at)) return unpack(entries.slice(at + CODE_LENGTH, at + ENTRY_LENGTH));
  }
  return id;
}

/** `<version>~<packed id>~<signed in>~<entries>`: where there are too many entries, the oldest leave. */
function serialize({ id, entries, signedIn }: State): string {
  const start = `1~${pack(id)}~${signedIn}~`;
  const signature = 65;
  const room = Math.floor((MAX_LENGTH - start.length - signature) / ENTRY_LENGTH) * ENTRY_LENGTH;
  return start + entries.slice(-room);
}

function parse(text: string): State | undefined {
  const [version, packed = '', signedIn = '', entries = ''] = text.split('~');
  if (version !== '1' || packed.length !== PACKED_UUID_LENGTH) return undefined;
  return { id: unpack(packed), entries, signedIn };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** 32 hexadecimal digits as a random UUID (version 4, RFC 9562). */
function toUuid(hex: string): string {
  const versioned = `${hex.slice(0, 12)}4${hex.slice(13, 16)}a${hex.slice(17)}`;
  return versioned.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A UUID in 22 characters. */
function pack(uuid: string): string {
  const bytes = uuid.replace(/-/g, '').replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)));
  return btoa(bytes).slice(0, PACKED_UUID_LENGTH).replace(/\+/g, '-').replace(/\//g, '_');
}

function unpack(packed: string): string {
  const bytes = atob(packed.replace(/-/g, '+').replace(/_/g, '/'));
  const hex = Array.from(bytes, (byte) => (byte.charCodeAt(0) + 0x100).toString(16).slice(1)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
