import schema from '../../shared/contract/event-schema.json';
import { describeGiven, withDefaultNamespace } from '../../shared/contract/event.ts';

/** Part of an event that could not be used, and was left out: the event counts without it. */
export interface LeftOut {
  /** `value`, `segments.platform`, or whatever the property was called. */
  property: string;
  message: string;
}

export interface TidyEvent {
  /** Still unchecked. */
  candidate: unknown;
  leftOut: LeftOut[];
}

type Properties = Record<string, unknown>;
type Tell = (property: string, message: string) => void;

const NAMES = ['namespace', 'experiment', 'variant', 'event'];
const PROPERTIES = new Set(Object.keys(schema.properties));
const { maxProperties: MAX_SEGMENTS, propertyNames, additionalProperties: label } = schema.properties.segments;
const SEGMENT_KEY = new RegExp(propertyNames.pattern, 'u');
const PRINTABLE = new RegExp(schema.definitions.text.pattern, 'u');
const { minimum: LEAST_VALUE, maximum: MOST_VALUE } = schema.properties.value;
const MAX_LABEL = label.maxLength;
const A_LABEL = `a text of 1 to ${MAX_LABEL} characters without control characters`;

/**
 * Puts in order what clients get wrong without meaning another event: names are cut at white space and composed (NFC),
 * ids are left as they are, and what is no value, no segment or no property of ours is left out. What is no number is
 * never guessed. Never throws.
 */
export function tidyEvent(given: unknown): TidyEvent {
  const candidate = withDefaultNamespace(given);
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) {
    return { candidate, leftOut: [] };
  }
  const leftOut: LeftOut[] = [];
  const tell: Tell = (property, message) => leftOut.push({ property: property.slice(0, 40), message });
  const { value, segments, definedAt, ...event } = pickKnown(candidate as Properties, tell);
  for (const name of NAMES) if (typeof event[name] === 'string') event[name] = tidyText(event[name]);
  const details = { ...tidyValue(value, tell), ...tidySegments(segments, tell), ...tidyTime(definedAt, tell) };
  return { candidate: { ...event, ...details }, leftOut };
}

function pickKnown(candidate: Properties, tell: Tell): Properties {
  const known: Properties = {};
  for (const [name, value] of Object.entries(candidate)) {
    if (PROPERTIES.has(name)) known[name] = value;
    else tell(name, `${describeGiven(name)}: expected a property of an event, got another`);
  }
  return known;
}

function tidyText(text: string): string {
  return text.normalize('NFC').trim();
}

function tidyValue(value: unknown, tell: Tell): { value?: number } {
  if (value === undefined) return {};
  const expected = typeof value === 'number' ? `a number from ${LEAST_VALUE} to ${MOST_VALUE}` : 'a number';
  if (typeof value === 'number' && value >= LEAST_VALUE && value <= MOST_VALUE) return { value };
  tell('value', `value: expected ${expected}, got ${describeGiven(value)}`);
  return {};
}

function tidySegments(segments: unknown, tell: Tell): { segments?: Properties } {
  if (segments === undefined) return {};
  if (typeof segments !== 'object' || segments === null || Array.isArray(segments)) {
    tell('segments', `segments: expected an object, got ${describeGiven(segments)}`);
    return {};
  }
  const usable = Object.entries(segments).flatMap(([key, label]) => tidySegment(key, label, tell));
  if (usable.length > MAX_SEGMENTS) {
    tell('segments', `segments: expected at most ${MAX_SEGMENTS}, got ${usable.length}`);
  }
  return { segments: Object.fromEntries(usable.slice(0, MAX_SEGMENTS)) };
}

function tidyTime(definedAt: unknown, tell: Tell): { definedAt?: string } {
  if (definedAt === undefined) return {};
  if (isLabel(definedAt)) return { definedAt };
  tell('definedAt', `definedAt: expected ${A_LABEL}, got ${describeGiven(definedAt)}`);
  return {};
}

function isLabel(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && PRINTABLE.test(text) && Array.from(text).length <= MAX_LABEL;
}

function tidySegment(key: string, label: unknown, tell: Tell): [string, string][] {
  if (!SEGMENT_KEY.test(key)) {
    tell('segments', `segments: expected keys of 1 to 32 characters A-Z a-z 0-9 _ . -, got ${describeGiven(key)}`);
    return [];
  }
  const text = typeof label === 'string' ? tidyText(label) : '';
  if (isLabel(text)) return [[key, text]];
  tell(`segments.${key}`, `segments.${key}: expected ${A_LABEL}, got ${describeGiven(label)}`);
  return [];
}
