import { describeGiven, type Rejection } from './event.ts';

/**
 * What programs and templates write where there is no id, in lower case: counted as a unit, it would make one visitor of
 * many. Nothing, 0, a UUID of zeros or ones, an object's kind, words, a template that nobody filled in; or any text that
 * ends with a missing id (`user-undefined`). The SDK refuses the same.
 */
const UNUSABLE =
  /^([0-]*|[f-]{32,}|object \w+|nil|none|true|false|anon(ymous)?|guest|unknown|n\/a|not_authenticated|((user|visitor|distinct)_?)?id|email|invalid date|\$?\{.*|%.*%)$|(^|[^a-z\d])(undefined|null|nan|object object)$/;

/** Longer ones are refused for their length. */
const MAX_LENGTH = 256;

/** Whether a text can tell a visitor from others. */
export function isUsableUnit(text: string): boolean {
  if (text.length > MAX_LENGTH) return true;
  const bare = text.toLowerCase().replace(/^[\s("'<[]+|[\s)"'>\]]+$/g, '');
  return !UNUSABLE.test(bare.replace('[object', 'object'));
}

/** Why an event's unit tells nobody apart; undefined where it does, and where there is none. */
export function refuseUnit(candidate: unknown): Rejection | undefined {
  const { unit } = (candidate ?? {}) as { unit?: unknown };
  if (unit === undefined || (typeof unit === 'object' && unit !== null)) return undefined;
  const scalar = unit as string | number | boolean | null;
  if (isUsableUnit(String(scalar))) return undefined;
  const message = `unit: expected an id that tells visitors apart, or none, got ${describeGiven(unit)}`;
  return { code: 'unusable_unit', message };
}
