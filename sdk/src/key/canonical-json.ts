import { InvalidContextError } from '../errors.ts';

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second: an object's prototype in another realm, such as a frame or a test's sandbox.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/**
 * One text for each value, and another for each other value: JSON with sorted names. A property that is undefined is
 * left out, as in JSON. What JSON would silently turn into something else (NaN, dates, maps, functions) is refused,
 * since two different contexts would get one key.
 */
export const canonicalJson = (value: unknown): string => {
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
};
