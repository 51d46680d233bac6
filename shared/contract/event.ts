import type { ErrorObject } from 'ajv';
import validate from './validators/event-validator.generated.cjs';

/** One thing that happened in one experiment. */
export interface TrackedEvent {
  namespace: string;
  experiment: string;
  variant: string;
  /** `participate` for an exposure, else the goal's name. */
  event: string;
  /** The client's id of this event: the same on every resend. */
  uuid: string;
  /** Pseudonymous key of the visitor: turns on metrics per visitor. */
  unit?: string;
  /** What the goal was worth. */
  value?: number;
  segments?: Record<string, string>;
  /** Of an exposure, when the definition was written that has decided: the split is held against the weights of then. */
  definedAt?: string;
}

/** A goal of a visitor: it counts in every experiment of the namespace that the visitor has been exposed in. */
export interface VisitorGoal extends Omit<TrackedEvent, 'experiment' | 'variant' | 'unit'> {
  experiment?: undefined;
  variant?: undefined;
  unit: string;
}

/** What a record of the stream holds. */
export type StreamEvent = TrackedEvent | VisitorGoal;

/** The event that says a visitor was exposed to a variant. */
export const EXPOSURE = 'participate';

export const DEFAULT_NAMESPACE = 'alephbet';

/** Why an event was refused: `code` for programs, `message` for people. */
export interface Rejection {
  code: RejectionCode;
  message: string;
}

export type RejectionCode =
  | 'not_an_object'
  | 'missing_property'
  | 'unknown_property'
  | 'wrong_type'
  | 'wrong_length'
  | 'bad_characters'
  | 'out_of_range'
  | 'too_many_segments'
  | 'bad_segment_key'
  | 'unusable_unit'
  | 'unsigned'
  | 'bad_signature';

export type CheckedEvent = { ok: true; event: StreamEvent } | { ok: false; rejection: Rejection };

/** Decides whether `candidate` is an event. Never throws; a refusal says what was expected and what came. */
export function checkEvent(candidate: unknown): CheckedEvent {
  if (validate(candidate)) return { ok: true, event: candidate };
  const error = validate.errors?.[0];
  return { ok: false, rejection: error ? explain(error) : { code: 'wrong_type', message: 'not an event' } };
}

/** Puts the default namespace where none is given; anything but a plain object is passed on as it is. */
export function withDefaultNamespace(candidate: unknown): unknown {
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) return candidate;
  if (Object.hasOwn(candidate, 'namespace')) return candidate;
  return { namespace: DEFAULT_NAMESPACE, ...candidate };
}

function explain(error: ErrorObject): Rejection {
  const where = nameOf(error.instancePath);
  const params = error.params as Record<string, unknown>;
  const came = describeGiven(error.data);
  switch (error.keyword) {
    case 'required':
      return explainMissing(String(params.missingProperty), error.schemaPath);
    case 'not':
      return { code: 'missing_property', message: 'experiment: expected a value for an exposure, got none' };
    case 'additionalProperties':
      return { code: 'unknown_property', message: `unknown property ${quote(String(params.additionalProperty))}` };
    case 'minLength':
      return { code: 'wrong_length', message: `${where}: expected at least 1 character, got none` };
    case 'maxLength':
      return {
        code: 'wrong_length',
        message: `${where}: expected at most ${String(params.limit)} characters, got ${came}`,
      };
    case 'minimum':
    case 'maximum':
      return { code: 'out_of_range', message: `${where}: expected a number from -1e12 to 1e12, got ${came}` };
    case 'maxProperties':
      return { code: 'too_many_segments', message: `segments: expected at most 8, got ${came}` };
    case 'pattern':
      return error.propertyName === undefined
        ? {
            code: 'bad_characters',
            message: `${where}: expected no control characters and no broken Unicode, got ${came}`,
          }
        : {
            code: 'bad_segment_key',
            message: `segments: expected a key of 1 to 32 characters A-Z a-z 0-9 _ . -, got ${quote(error.propertyName)}`,
          };
    default:
      return where === 'event' && error.instancePath === ''
        ? { code: 'not_an_object', message: `expected an event as a JSON object, got ${came}` }
        : { code: 'wrong_type', message: `${where}: expected ${String(params.type)}, got ${came}` };
  }
}

/** @param schemaPath from which branch of the schema the error comes */
function explainMissing(property: string, schemaPath: string): Rejection {
  if (!schemaPath.startsWith('#/else')) {
    return { code: 'missing_property', message: `${property}: expected a value, got none` };
  }
  const message = 'experiment: expected a value, or a unit, whose goal counts in all of its experiments, got neither';
  return { code: 'missing_property', message };
}

function nameOf(instancePath: string): string {
  return instancePath === '' ? 'event' : instancePath.slice(1).replace('/', '.');
}

/** What came, for a sentence that says what was expected. */
export function describeGiven(data: unknown): string {
  if (typeof data === 'string') return data.length > 40 ? `${Array.from(data).length} characters` : quote(data);
  if (Array.isArray(data)) return 'an array';
  if (typeof data === 'object' && data !== null) return `an object with ${Object.keys(data).length} properties`;
  return String(data);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
