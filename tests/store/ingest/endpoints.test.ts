import { describe, expect, test } from '@jest/globals';
import { anEvent } from '../../support/counting/events.ts';
import { callHandler, type HttpRequest } from '../../support/aws/gateway.ts';
import { listenInSilence } from '../../support/listen.ts';
import { environmentOf, loadIngest } from '../../support/aws/load-handler.ts';
import { useIngest } from '../../support/aws/use-ingest.ts';
import { readEvents } from '../../support/counting/read-stream.ts';

const ingest = useIngest();

const json = { 'content-type': 'application/json' };
const post = (path: string, body: unknown): HttpRequest => ({
  method: 'POST',
  path,
  headers: json,
  body: JSON.stringify(body),
});
const refused = (code: string) => ({ accepted: 0, error: { code, message: expect.any(String) } });

describe('an accepted event is in the stream when the answer comes', () => {
  const long = anEvent({
    experiment: 'my a/b test: x & y',
    variant: 'red one',
    event: 'button clicked',
    unit: 'ann',
    value: 2.5,
    segments: { platform: 'ios' },
  });

  test.each<[string, HttpRequest, ReturnType<typeof anEvent>[]]>([
    [
      'GET /track',
      { method: 'GET', path: '/track', query: 'experiment=a+b&variant=red&event=participate&uuid=get-1' },
      [anEvent({ experiment: 'a b', uuid: 'get-1' })],
    ],
    ['POST /track', post('/track', long), [long]],
    [
      'POST /events with a list',
      post('/events', [
        { ...long, uuid: 'l1' },
        { ...long, uuid: 'l2' },
      ]),
      [
        { ...long, uuid: 'l1' },
        { ...long, uuid: 'l2' },
      ],
    ],
    ['POST /events with an object', post('/events', { events: [{ ...long, uuid: 'o1' }] }), [{ ...long, uuid: 'o1' }]],
    [
      'sendBeacon, as text/plain',
      { ...post('/events', [{ ...long, uuid: 't1' }]), headers: { 'content-type': 'text/plain;charset=UTF-8' } },
      [{ ...long, uuid: 't1' }],
    ],
    [
      'a body in base64',
      {
        method: 'POST',
        path: '/track',
        headers: json,
        body: Buffer.from(JSON.stringify({ ...long, uuid: 'אבג' })).toString('base64'),
        isBase64Encoded: true,
      },
      [{ ...long, uuid: 'אבג' }],
    ],
  ])('%s', async (_title, request, events) => {
    const answer = await callHandler(ingest.handler, request);
    expect([answer.status, answer.body]).toEqual([200, { accepted: events.length }]);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'content-type': 'application/json' });
    expect(await readEvents(ingest.world)).toEqual(expect.arrayContaining(events));
  });

  test('a batch with bad events: the good ones are taken, each bad one is named with the reason', async () => {
    const [first, last] = [anEvent(), anEvent()];
    const answer = await callHandler(ingest.handler, post('/events', [first, { ...first, uuid: '' }, 7, last]));
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        accepted: 2,
        rejected: [
          { index: 1, code: 'wrong_length', message: 'uuid: expected at least 1 character, got none' },
          { index: 2, code: 'not_an_object', message: 'expected an event as a JSON object, got 7' },
        ],
      },
    ]);
    expect(await readEvents(ingest.world)).toEqual(expect.arrayContaining([first, last]));
  });

  test('a request longer than a record: every event of it', async () => {
    const events = Array.from({ length: 500 }, (_, index) =>
      anEvent({ experiment: 'x'.repeat(200), unit: `unit-${index % 3}` }),
    );
    const answer = await callHandler(ingest.handler, post('/events', events));
    expect(answer.body).toEqual({ accepted: 500 });
    const uuids = new Set((await readEvents(ingest.world)).map(({ uuid }) => uuid));
    expect(events.filter(({ uuid }) => !uuids.has(uuid))).toEqual([]);
  });
});

describe('a refused request', () => {
  test.each<[string, HttpRequest, number, unknown]>([
    [
      'without a valid event is 400, in the form of a partial one',
      post('/track', { uuid: 'u' }),
      400,
      {
        accepted: 0,
        rejected: [
          {
            index: 0,
            code: 'missing_property',
            message:
              'experiment: expected a value, or a unit, whose goal counts in all of its experiments, got neither',
          },
        ],
      },
    ],
    [
      'without parameters is 200 to a client of GET, which would send it again for ever',
      { method: 'GET', path: '/track' },
      200,
      {
        accepted: 0,
        rejected: [
          {
            index: 0,
            code: 'missing_property',
            message:
              'experiment: expected a value, or a unit, whose goal counts in all of its experiments, got neither',
          },
        ],
      },
    ],
    [
      'that is not JSON is 400',
      { method: 'POST', path: '/events', headers: json, body: '{' },
      400,
      refused('not_json'),
    ],
    ['without a body is 400', { method: 'POST', path: '/events', headers: json }, 400, refused('not_json')],
    ['without events is 400', post('/events', []), 400, refused('no_events')],
    ['of 501 events is 413', post('/events', new Array(501).fill({})), 413, refused('too_many_events')],
    ['of more than 256 KB is 413', post('/events', 'x'.repeat(262_143)), 413, refused('body_too_large')],
    [
      'of another type is 415',
      { ...post('/events', [anEvent()]), headers: { 'content-type': 'text/xml' } },
      415,
      refused('wrong_content_type'),
    ],
  ])('%s, with CORS', async (_title, request, status, body) => {
    const answer = await callHandler(ingest.handler, request);
    expect([answer.status, answer.body]).toEqual([status, body]);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'content-type': 'application/json' });
  });
});

test.each(['/track', '/events', '/e', '/anything/else'])(
  'OPTIONS %s allows every page to send and to delete',
  async (path) => {
    const answer = await callHandler(ingest.handler, { method: 'OPTIONS', path });
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-allow-methods']).toContain('DELETE');
    expect(answer.headers['access-control-allow-headers']).toContain('x-api-key');
    expect(answer.headers['access-control-allow-headers']).toContain('if-match');
  },
);

test('a page may send whatever headers its other scripts add', async () => {
  const tracing = [
    ...['traceparent', 'tracestate', 'baggage', 'sentry-trace', 'newrelic', 'request-id', 'x-request-id', 'b3'],
    ...['x-datadog-trace-id', 'x-datadog-parent-id', 'x-b3-traceid', 'x-b3-sampled', 'elastic-apm-traceparent'],
  ];
  const asked = `Content-Type,${tracing.join(', ')},bad header,\r\nx: y`;
  const headers = { origin: 'https://shop.example', 'access-control-request-headers': asked };
  const answer = await callHandler(ingest.handler, { method: 'OPTIONS', path: '/events', headers });

  const allowed = (answer.headers['access-control-allow-headers'] ?? '').split(', ');
  expect(allowed).toEqual(expect.arrayContaining(['content-type', ...tracing]));
  expect(allowed.filter((name) => !/^[a-z0-9-]+$/.test(name))).toEqual([]);
});

describe('without a stream', () => {
  const unavailable = {
    accepted: 0,
    error: { code: 'stream_unavailable', message: 'the events are not stored; send them again' },
  };

  test('that can be reached, the answer is 503 with Retry-After and CORS', async () => {
    const nowhere = await loadIngest({
      ...environmentOf(ingest.world),
      KINESIS_ENDPOINT: 'http://127.0.0.1:1',
      PUT_BUDGET_MS: '200',
    });
    const answer = await callHandler(nowhere, post('/track', anEvent()));
    expect([answer.status, answer.body]).toEqual([503, unavailable]);
    expect(answer.headers).toMatchObject({ 'retry-after': '2', 'access-control-allow-origin': '*' });
  });

  test('that exists, likewise: a wrong name is no reason to forget events', async () => {
    const missing = await loadIngest({ ...environmentOf(ingest.world), STREAM_NAME: 'missing', PUT_BUDGET_MS: '200' });
    expect((await callHandler(missing, post('/track', anEvent()))).status).toBe(503);
  });

  test('that answers, 503 comes before Lambda gives up, never 200', async () => {
    const silent = await listenInSilence();
    const hanging = await loadIngest({
      ...environmentOf(ingest.world),
      KINESIS_ENDPOINT: silent.endpoint,
      PUT_BUDGET_MS: '25000',
    });

    const started = Date.now();
    const answer = await callHandler(hanging, post('/track', anEvent()), 900);
    expect([answer.status, answer.body]).toEqual([503, unavailable]);
    expect(Date.now() - started).toBeLessThan(900);
    expect((await callHandler(hanging, post('/track', anEvent()), 100)).status).toBe(503);
    silent.close();
  });
});
