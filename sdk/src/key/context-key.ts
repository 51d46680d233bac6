import { InvalidContextError } from '../errors.ts';
import type { Hmac } from './sha256.ts';

/** An object with a text of its own: an ObjectId, a UUID, a Decimal. No date: its text depends on the place. */
export interface Textual {
  toString(): string;
  readonly getTime?: never;
  readonly size?: never;
}

/** What a visitor is recognised by. A key is made of all of it, so it holds what stays: ids, not moods. */
export type ContextValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Textual
  | readonly ContextValue[]
  | { readonly [name: string]: ContextValue };

export type Context = Readonly<Record<string, ContextValue>>;

/**
 * How ids become text. 1: numbers and texts differ, as in JSON. 2: an id is its text, whichever type it came in, so
 * that 42 from a database and '42' from a page are one visitor. An experiment keeps its version while it runs.
 */
export type HashVersion = 1 | 2;

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** Whether something is an object of named parts, and not one that has a text of its own. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second: an object's prototype in another realm, such as a frame or a test's sandbox.
  const isPlainKind = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlainKind && !Object.prototype.hasOwnProperty.call(value, 'toString');
}

/**
 * The text of a BigInt, or of an object of a class with a `toString`; undefined where there is none. JavaScript's own
 * kinds have none that is an identity: a date's depends on the place, and a map's says nothing.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString();
  if (kindOf(value) !== '[object Object]' || isPlain(value)) return undefined;
  const text = String(value);
  return text.startsWith('[object ') ? undefined : text;
}

/** A number as every language writes it: whole ones in digits alone. */
function numberText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : value.toString();
}

/**
 * One text for each value, and another for each other value: JSON with sorted names. A property that is undefined is
 * left out, as in JSON; in version 2 one that is null, too. What JSON would silently turn into something else (NaN,
 * dates, maps, functions) is refused, since two different contexts would get one key.
 */
export function canonicalJson(value: unknown, version: HashVersion = 1): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) {
    return version === 1 ? JSON.stringify(value) : `"${numberText(value)}"`;
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one, version)).join(',')}]`;
  if (isPlain(value)) return canonicalMembers(value, version);

  const text = textOf(value);
  if (text !== undefined) return JSON.stringify(text);
  throw new InvalidContextError(`Expected JSON in the context, got ${kindOf(value)}.`);
}

function canonicalMembers(value: Record<string, unknown>, version: HashVersion): string {
  let members = '';
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined || (version > 1 && member === null)) continue;
    members += `${members && ','}${JSON.stringify(name)}:${canonicalJson(member, version)}`;
  }
  return `{${members}}`;
}

/**
 * The pseudonym of a context in one experiment, or of a visitor in a namespace, whose name it is then. Without the
 * secret it cannot be found again by trying all user ids.
 */
export function contextKey(
  hmac: Hmac,
  secret: string,
  name: string,
  context: object,
  version: HashVersion = 1,
): string {
  return hmac(secret, canonicalJson([name, context], version));
}
