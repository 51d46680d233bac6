import { InvalidContextError } from '../errors.ts';
import { textOf } from './context-key.ts';

/**
 * What programs and templates write where there is no id, in lower case: counted as an id, it would make one visitor of
 * many. Nothing, 0, a UUID of zeros or ones, an object's kind, words, a template that nobody filled in; or any text that
 * ends with a missing id (`user-undefined`). The ingest endpoint refuses the same.
 */
const UNUSABLE =
  /^([0-]*|[f-]{32,}|object \w+|nil|none|true|false|anon(ymous)?|guest|unknown|n\/a|not_authenticated|((user|visitor|distinct)_?)?id|email|invalid date|\$?\{.*|%.*%)$|(^|[^a-z\d])(undefined|null|nan|object object)$/;

/** Whether a text can tell a visitor from others. */
export function isUsableId(text: string): boolean {
  const bare = text.toLowerCase().replace(/^[\s("'<[]+|[\s)"'>\]]+$/g, '');
  return !UNUSABLE.test(bare.replace('[object', 'object'));
}

/** What a part of a context is called that says who somebody is. */
const ID_NAME = /^(guid|user|visitor|unit|email)$|(^|_|-)u?u?id$|[a-z\d](I[dD]|U[uU][iI][dD])$/;

/** The text of a part of a context; undefined where it has none: it is missing, or has parts of its own. */
function readText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'object') return textOf(value);
  const scalar = value as string | number | bigint | boolean;
  return String(scalar);
}

function canIdentify(value: unknown): boolean {
  if (typeof value === 'boolean') return false;
  const text = readText(value);
  return text === undefined ? Object.values(value ?? {}).some(canIdentify) : isUsableId(text);
}

/**
 * Makes sure that a context tells visitors apart. What is named as an id decides where there is such a name; else any
 * part that is a text or a number.
 * @throws InvalidContextError where an id is missing or is a word like `undefined`: one visitor would be many
 */
export function requireIdentity(context: object): void {
  const parts = Object.entries(context) as [name: string, value: unknown][];
  const ids = parts.filter(([name]) => ID_NAME.test(name));
  for (const [name, value] of ids) {
    const text = readText(value);
    if (text !== undefined && !isUsableId(text)) refuse(`${name} ${JSON.stringify(text)}`);
  }
  if (!(ids.length > 0 ? ids : parts).some(([, value]) => canIdentify(value))) {
    refuse(`none in {${parts.map(([name]) => name).join()}}`);
  }
}

function refuse(came: string): never {
  throw new InvalidContextError(`Expected an id that tells visitors apart, got ${came}: pass the visitor's own.`);
}
