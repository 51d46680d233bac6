import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { parseRequest, MAX_BODY_BYTES, MAX_EVENTS } from '../../../functions/ingest/parse-request.ts';
import { checkEvent } from '../../../shared/contract/event.ts';
import { RequestError } from '../../../shared/runtime/errors.ts';
import { queryOf, trackedEvents } from '../../support/counting/any-event.ts';

describe('the query of a GET', () => {
  test('is the wire of Gimel and Lamed: a plus sign is a space', () => {
    expect(get('experiment=my+a%2Fb+test%3A+x+%26+y&uuid=u&variant=red+one&event=button+clicked&namespace=ns')).toEqual(
      {
        namespace: 'ns',
        experiment: 'my a/b test: x & y',
        variant: 'red one',
        event: 'button clicked',
        uuid: 'u',
      },
    );
  });

  test('of bytes that are no UTF-8 never makes the same name of two', () => {
    for (const query of ['experiment=a%FF', 'experiment=a%FE', 'experiment=a%C3']) {
      const event = { variant: 'red', event: 'buy', uuid: 'u', namespace: '', ...(get(query) as object) };
      expect(checkEvent(event)).toMatchObject({
        ok: false,
        rejection: { message: expect.stringContaining('experiment') },
      });
    }
    expect(get('experiment=100%&uuid=%F0%9F%98%80')).toEqual({ experiment: '100%', uuid: '😀' });
  });

  test('takes unit, value and segments', () => {
    expect(get('unit=ann&value=-1.5e3&segment.platform=ios&segment.visitor=new+one')).toEqual({
      unit: 'ann',
      value: -1500,
      segments: { platform: 'ios', visitor: 'new one' },
    });
  });

  test('keeps an empty namespace, and leaves a missing one out', () => {
    expect(get('namespace=&uuid=u')).toEqual({ namespace: '', uuid: 'u' });
    expect(get('uuid=u')).toEqual({ uuid: 'u' });
  });

  test('counts the first of a repeated parameter, and forgets those that are not ours', () => {
    expect(get('uuid=a&uuid=b&value=1&value=2&segment.x=a&segment.x=b&_=123')).toEqual({
      uuid: 'a',
      value: 1,
      segments: { x: 'a' },
    });
  });

  test.each(['5', '+5', '-5', '0.5', '.5', '5.', '1e3', '1E-3'])('reads %s as a number', (text) => {
    expect(get(`value=${encodeURIComponent(text)}`)).toEqual({ value: Number(text) });
  });

  test.each(['', 'five', '0x10', 'Infinity', 'NaN', '1e', '--1', '.', '1 2', '1,5'])(
    'leaves %j as text, for the answer to show',
    (text) => {
      expect(get(`value=${encodeURIComponent(text)}`)).toEqual({ value: text });
    },
  );

  test('is read in no time, also where a number goes on for ever', () => {
    const started = performance.now();
    get(`value=${'1'.repeat(100_000)}x`);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('gives back every event that is written into it', () => {
    fc.assert(
      fc.property(trackedEvents, (event) => {
        // An event without segments has no property for them: toEqual takes that for undefined.
        const hasSegments = Object.keys(event.segments ?? {}).length > 0;
        expect(get(queryOf(event))).toEqual(hasSegments ? event : { ...event, segments: undefined });
      }),
    );
  });
});

describe('the body of a POST', () => {
  test.each([
    ['one event', '{"uuid":"u"}', [{ uuid: 'u' }]],
    ['a list', '[{"uuid":"u"},1]', [{ uuid: 'u' }, 1]],
    ['an object with a list', '{"events":[{"uuid":"u"},null]}', [{ uuid: 'u' }, null]],
    ['events that are no list, which is one bad event', '{"events":{}}', [{ events: {} }]],
    ['a JSON value that is no event', '7', [7]],
    ['JSON after a byte order mark', '\ufeff{"uuid":"u"}', [{ uuid: 'u' }]],
  ])('may be %s', (_title, body, events) => {
    expect(post(body)).toEqual(events);
  });

  test.each(['application/json', 'text/plain', 'text/plain;charset=UTF-8', 'Application/JSON ; charset=utf-8', ''])(
    'may be of the type %j',
    (type) => {
      expect(post('[1]', { 'content-type': type })).toEqual([1]);
    },
  );

  test('needs no type', () => {
    expect(post('[1]', {})).toEqual([1]);
  });

  test.each([
    ['text/html', { 'content-type': 'text/html' }, 'wrong_content_type'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'wrong_content_type'],
    ['brotli', { 'content-type': 'application/json', 'content-encoding': 'br' }, 'wrong_content_encoding'],
    [
      'packed twice',
      { 'content-type': 'application/json', 'content-encoding': 'gzip, gzip' },
      'wrong_content_encoding',
    ],
  ])('may not be %s: 415', (_title, headers, code) => {
    expect(refusal(() => post('[1]', headers))).toEqual([415, code]);
  });

  test.each<[string, (body: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['GZIP ', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['identity', (body) => body],
  ])('may be packed with %j, within the limits', (encoding, pack) => {
    const unpack = (text: string) => post(pack(Buffer.from(text)), { 'content-encoding': encoding });
    expect(unpack('[1,2]')).toEqual([1, 2]);
    expect(unpack(`[1${' '.repeat(MAX_BODY_BYTES - 3)}]`)).toEqual([1]);
    expect(refusal(() => unpack(`[1${' '.repeat(MAX_BODY_BYTES - 2)}]`))).toEqual([413, 'body_too_large']);
    expect(refusal(() => unpack(' '.repeat(20 * MAX_BODY_BYTES)))).toEqual([413, 'body_too_large']);
  });

  test.each(['gzip', 'deflate'])('that says %s and is not is refused: 400', (encoding) => {
    expect(refusal(() => post('[1]', { 'content-encoding': encoding }))).toEqual([400, 'not_unpackable']);
    expect(refusal(() => post('', { 'content-encoding': encoding }))).toEqual([400, 'not_unpackable']);
  });

  test.each(['', '{', 'uuid=u', '\u0000', '[1,]'])('that is %j is not JSON: 400', (body) => {
    expect(refusal(() => post(body))).toEqual([400, 'not_json']);
  });

  test('that is not UTF-8 is not JSON: 400', () => {
    expect(refusal(() => post(Uint8Array.of(0x22, 0xff, 0x22)))).toEqual([400, 'not_json']);
  });

  test('without an event is refused: 400', () => {
    expect(refusal(() => post('[]'))).toEqual([400, 'no_events']);
    expect(refusal(() => post('{"events":[]}'))).toEqual([400, 'no_events']);
  });

  test('may hold 500 events, and not one more: 413', () => {
    expect(post(JSON.stringify(new Array(MAX_EVENTS).fill(1)))).toHaveLength(500);
    expect(refusal(() => post(JSON.stringify(new Array(MAX_EVENTS + 1).fill(1))))).toEqual([413, 'too_many_events']);
  });

  test('may have 256 KB, and not one byte more: 413', () => {
    expect(post(`[1${' '.repeat(MAX_BODY_BYTES - 3)}]`)).toEqual([1]);
    expect(refusal(() => post(`[1${' '.repeat(MAX_BODY_BYTES - 2)}]`))).toEqual([413, 'body_too_large']);
  });
});

function get(rawQuery: string): unknown {
  return parseRequest({ method: 'GET', rawQuery, headers: {}, body: new Uint8Array() })[0];
}

function post(
  body: string | Uint8Array,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): unknown[] {
  return parseRequest({
    method: 'POST',
    rawQuery: '',
    headers,
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  });
}

function refusal(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return error instanceof RequestError ? [error.status, error.code] : error;
  }
}
