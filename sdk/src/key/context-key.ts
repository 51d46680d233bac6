import { InvalidContextError } from '../errors.ts';
import type { Hmac } from './sha256.ts';

/** What a visitor is recognised by. A key is made of all of it, so it holds what stays: ids, not moods. */
export type ContextValue =
  string | number | boolean | null | undefined | readonly ContextValue[] | { readonly [name: string]: ContextValue };

export type Context = Readonly<Record<string, ContextValue>>;

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second: an object's prototype in another realm, such as a frame or a test's sandbox.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * One text for each value, and another for each other value: JSON with sorted names. A property that is undefined is
 * left out, as in JSON. What JSON would silently turn into something else (NaN, dates, maps, functions) is refused,
 * since two different contexts would get one key.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
    return `{${members.join(',')}}`;
  }
  throw new InvalidContextError(`Expected JSON in the context, got ${Object.prototype.toString.call(value)}.`);
}

/**
 * The pseudonym of a context in one experiment. The experiment's name goes into it, so that one visitor's keys in two
 * experiments cannot be linked; without the secret it cannot be found again by trying all user ids.
 */
export function contextKey(hmac: Hmac, secret: string, name: string, context: object): string {
  return hmac(secret, canonicalJson([name, context]));
}
