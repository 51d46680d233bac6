import type { CookieOptions } from '../visitor/visitor-request.ts';

/** A name or value of any characters as a cookie's: percent-encoding, also of what encodeURIComponent lets through. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[()]/g, (bracket) => `%${bracket.charCodeAt(0).toString(16)}`);

/** A cookie's value in a `Cookie` header (or several of them, joined by `;`). */
export const readCookie = (header: string, name: string): string | undefined => {
  const start = `${encode(name)}=`;
  const pair = header.split(/; */).find((candidate) => candidate.startsWith(start));
  try {
    return pair === undefined ? undefined : decodeURIComponent(pair.slice(start.length));
  } catch {
    // Not percent-encoded, so not one of ours.
    return undefined;
  }
};

/** A `Set-Cookie` header: Lax, so that a visitor who follows a link to the site keeps their variant. */
export const formatSetCookie = (name: string, value: string, { maxAgeSeconds, domain }: CookieOptions): string =>
  [
    `${encode(name)}=${encode(value)}`,
    `Max-Age=${maxAgeSeconds}`,
    'Path=/',
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    'Secure',
    'HttpOnly',
    'SameSite=Lax',
  ].join('; ');
