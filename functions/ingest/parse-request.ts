import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { RequestError } from '../../shared/runtime/errors.ts';
import { parseQuery } from '../../shared/runtime/query.ts';

/** An HTTP request, free of any gateway's form. Header names are in lower case. */
export interface IngestRequest {
  method: string;
  /** As it came, without the '?'. */
  rawQuery: string;
  headers: Record<string, string | undefined>;
  body: Uint8Array;
  /** Where it came from, as far as the gateway knows: an IP address. */
  address?: string;
}

/** Of a body, packed or not. */
export const MAX_BODY_BYTES = 256 * 1024;
export const MAX_EVENTS = 500;

const ACCEPTED_TYPES = ['application/json', 'text/plain']; // text/plain is what sendBeacon sends without a preflight
const SEGMENT_PREFIX = 'segment.';
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Finds the events that a request carries, unchecked: one in the query of a GET, one or many in the JSON of a POST.
 * @throws RequestError where the request as a whole cannot be read.
 */
export function parseRequest(request: IngestRequest): unknown[] {
  return request.method === 'GET' ? [eventFromQuery(parseQuery(request.rawQuery))] : eventsFromBody(request);
}

/** The wire of Gimel and Lamed. Parameters that are not ours are left aside: clients add cache busters. The first counts. */
function eventFromQuery(query: [name: string, value: string][]): unknown {
  const first = new Map([...query].reverse());
  const event: Record<string, unknown> = {};
  for (const name of ['namespace', 'experiment', 'variant', 'event', 'uuid', 'unit', 'signature']) {
    const given = first.get(name);
    if (given !== undefined) event[name] = given;
  }
  const value = first.get('value');
  if (value !== undefined) event.value = toNumber(value);
  const segments = query.filter(([name]) => name.startsWith(SEGMENT_PREFIX)).reverse();
  if (segments.length > 0) {
    event.segments = Object.fromEntries(segments.map(([name, label]) => [name.slice(SEGMENT_PREFIX.length), label]));
  }
  return event;
}

/** The number that the text writes, else the text itself, so that the refusal can show it. */
function toNumber(text: string): number | string {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

function eventsFromBody({ headers, body }: IngestRequest): unknown[] {
  if (body.byteLength > MAX_BODY_BYTES) refuseSize(String(body.byteLength));
  refuseOtherTypes(headers);
  const parsed = parseJson(unpack(body, headers['content-encoding']?.trim().toLowerCase() ?? ''));
  const events = Array.isArray(parsed) ? parsed : eventsProperty(parsed);
  if (!events) return [parsed];
  if (events.length === 0) throw new RequestError(400, 'no_events', 'expected at least one event, got an empty list');
  if (events.length > MAX_EVENTS) {
    throw new RequestError(413, 'too_many_events', `expected at most ${MAX_EVENTS} events, got ${events.length}`);
  }
  return events;
}

function refuseOtherTypes(headers: IngestRequest['headers']): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== '' && !ACCEPTED_TYPES.includes(type)) {
    throw new RequestError(
      415,
      'wrong_content_type',
      `expected ${ACCEPTED_TYPES.join(' or ')}, got ${type.slice(0, 80)}`,
    );
  }
}

function refuseSize(came: string): never {
  throw new RequestError(413, 'body_too_large', `expected at most ${MAX_BODY_BYTES} bytes, got ${came}`);
}

type Unpacker = (body: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/** With a zlib header as the standard says, or without, as some clients do. */
const inflate: Unpacker = (body, options) =>
  ((body[0] ?? 0) & 0x0f) === 8 ? inflateSync(body, options) : inflateRawSync(body, options);

const unpackers = new Map<string, Unpacker>([
  ['', (body) => body],
  ['identity', (body) => body],
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflate],
]);

function unpack(body: Uint8Array, encoding: string): Uint8Array {
  const unpacker = unpackers.get(encoding);
  if (!unpacker) {
    throw new RequestError(415, 'wrong_content_encoding', `expected gzip or deflate, got ${encoding.slice(0, 80)}`);
  }
  try {
    return unpacker(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') refuseSize('more when unpacked');
    throw new RequestError(400, 'not_unpackable', `expected a body in ${encoding}, got ${body.byteLength} other bytes`);
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    throw new RequestError(400, 'not_json', `expected JSON in UTF-8, got ${body.byteLength} bytes that are not`);
  }
}

function eventsProperty(parsed: unknown): unknown[] | undefined {
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, 'events')) return undefined;
  const { events } = parsed as { events: unknown };
  return Array.isArray(events) ? events : undefined;
}
