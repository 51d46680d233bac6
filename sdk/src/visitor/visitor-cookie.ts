import type { Hmac } from '../key/sha256.ts';
import { listSecrets, signText, verifyText } from './signed-text.ts';
import type { Secret } from './signed-text.ts';
import { refusesTracking } from './visitor-request.ts';
import type { VisitorRequest } from './visitor-request.ts';

export interface CookieSettings {
  /** Signs the cookie. */
  readonly secret: Secret;
  /** Default: the host that answers. */
  readonly domain?: string;
}

export interface VisitorCookieOptions {
  readonly hmac: Hmac;
  readonly cookie: CookieSettings;
  /** The experiment's full name: each has a cookie of its own, so that visitors cannot be followed between them. */
  readonly name: string;
  /** Which part of the context is the visitor's id. */
  readonly idKey: string;
}

export interface Identified {
  readonly context: object;
  /** Part of the context as it was before signing in. */
  readonly migratedWith?: object;
}

const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;

/**
 * Who a visitor is, by the id in the context and the cookie:
 *
 *     no id, no cookie   a new cookie, and its value as the id
 *     cookie alone       the cookie's value as the id
 *     both               signed in: the cookie's value as what the id was before, and the cookie is deleted
 *     id alone           nothing
 *
 * Whoever refuses tracking gets no cookie, and theirs is not read.
 */
export function identifyByCookie(
  request: VisitorRequest,
  context: object,
  { hmac, cookie, name, idKey }: VisitorCookieOptions,
): Identified {
  if (refusesTracking(request)) return { context };

  const secrets = listSecrets(cookie.secret);
  const cookieName = `${name}_id`;
  const id: unknown = Object.entries(context).find(([key]) => key === idKey)?.[1];
  const hasId = id !== undefined && id !== null && id !== '';
  const known = verifyText(hmac, secrets, cookieName, request.readCookie(cookieName) ?? '');

  if (hasId && known === undefined) return { context };
  if (hasId) {
    request.writeCookie(cookieName, '', { maxAgeSeconds: 0, domain: cookie.domain });
    return { context, migratedWith: { [idKey]: known } };
  }
  if (known !== undefined) return { context: { ...context, [idKey]: known } };

  const created = crypto.randomUUID();
  const value = signText(hmac, secrets[0], cookieName, created);
  request.writeCookie(cookieName, value, { maxAgeSeconds: MAX_AGE_SECONDS, domain: cookie.domain });
  return { context: { ...context, [idKey]: created } };
}
