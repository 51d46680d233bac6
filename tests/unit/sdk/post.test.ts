import { describe, expect, test } from '@jest/globals';
import { eventsAddress, postWithFetch } from '../../../sdk/src/tracker/post.ts';

const answering = (response: Response | Error) => {
  const requests: { url: unknown; init: RequestInit | undefined }[] = [];
  const post = postWithFetch('https://mem.example/events', 1_000, (url, init) => {
    requests.push({ url, init });
    return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
  });
  return { post, requests };
};

const outcomeOf = (status: number, body: string, headers = {}) =>
  answering(new Response(status === 204 ? null : body, { status, headers })).post('{}');

describe('a request', () => {
  test('is a POST of text/plain without cookies, which needs no preflight and outlives the page', async () => {
    const { post, requests } = answering(Response.json({ accepted: 1 }));
    await post('{"events":[]}');

    expect(requests).toMatchObject([
      {
        url: 'https://mem.example/events',
        init: {
          method: 'POST',
          body: '{"events":[]}',
          headers: { 'content-type': 'text/plain' },
          credentials: 'omit',
          keepalive: true,
        },
      },
    ]);
  });
});

describe('what a browser refuses to keep sending after the page', () => {
  test.each([
    [60_000, true],
    [60_001, false],
  ])('a body of %d bytes is sent with keepalive: %p', async (bytes, keepalive) => {
    const { post, requests } = answering(Response.json({ accepted: 1 }));
    await post('é'.repeat(500) + '"'.repeat(bytes - 1_000));

    expect(requests).toMatchObject([{ init: { keepalive } }]);
  });
});

describe('the endpoint', () => {
  test.each([
    ['https://mem.example', 'https://mem.example/events'],
    ['https://mem.example/', 'https://mem.example/events'],
    ['https://mem.example/stage/', 'https://mem.example/stage/events'],
    ['https://mem.example/events', 'https://mem.example/events'],
    ['https://mem.example/hello?site=1', 'https://mem.example/hello?site=1'],
    ['/hello', '/hello'],
    ['/', '/events'],
  ])('%s sends to %s', (endpoint, address) => {
    expect(eventsAddress(endpoint)).toBe(address);
  });

  test.each(['', 'undefined', 'mem.example', 'localhost:3000', 'ftp://mem.example', 'http://', undefined, null, 5])(
    '%s is refused, in a sentence',
    (endpoint) => {
      expect(() => eventsAddress(endpoint as string)).toThrow(/^Expected a URL as endpoint, .*got/);
    },
  );
});

describe('an answer', () => {
  test('of 200 means received', async () => {
    expect(await outcomeOf(200, '{"accepted":2}')).toEqual({ refusals: [] });
  });

  test('of 200 may refuse some', async () => {
    const rejected = [{ index: 1, code: 'bad_field', message: 'why' }];

    expect(await outcomeOf(200, JSON.stringify({ accepted: 1, rejected }))).toEqual({ refusals: rejected });
  });

  test.each(['<html>Welcome to our hotel</html>', '', 'null', '7', '{}', '{"accepted":"yes"}'])(
    'of 200 that is not the backend’s own means nothing: %s',
    async (body) => {
      expect(await outcomeOf(200, body)).toEqual({ retryAfterMs: 0, reason: 'http_200' });
    },
  );

  test.each([201, 202, 204, 500, 502, 503, 504, 429])('of %d means try again', async (status) => {
    expect(await outcomeOf(status, '{"accepted":1}')).toEqual({ retryAfterMs: 0, reason: `http_${status}` });
  });

  test.each([503, 429])('of %d may say when', async (status) => {
    expect(await outcomeOf(status, '', { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000 });
  });

  test('with a date to retry after is repeated as if without: the clock may be wrong', async () => {
    const headers = { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' };

    expect(await outcomeOf(503, '', headers)).toMatchObject({ retryAfterMs: 0 });
  });

  test.each([400, 401, 403, 404, 408, 413, 415, 425])(
    'of %d from somebody between (a log-in wall, a firewall, a deployment) means try again',
    async (status) => {
      for (const body of ['nothing to read', '{"message":"Forbidden"}', '{"error":{"code":"x"}}']) {
        expect(await outcomeOf(status, body)).toEqual({ retryAfterMs: 0, reason: `http_${status}` });
      }
    },
  );

  test.each([400, 403, 413, 415])('of %d from the backend itself is final', async (status) => {
    const error = { code: 'body_too_large', message: 'why' };

    expect(await outcomeOf(status, JSON.stringify({ accepted: 0, error }))).toEqual({ refusals: [error] });
  });

  test('of 400 names the events', async () => {
    const rejected = [{ index: 0, code: 'bad_field', message: 'why' }];

    expect(await outcomeOf(400, JSON.stringify({ accepted: 0, rejected }))).toEqual({ refusals: rejected });
  });

  test('that does not come means try again', async () => {
    expect(await answering(new TypeError('fetch failed')).post('{}')).toEqual({ retryAfterMs: 0, reason: 'no_answer' });
  });

  test('that does not come in time means try again', async () => {
    const hanging = postWithFetch(
      'https://mem.example',
      1,
      (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new Error('too late')));
        }),
    );

    expect(await hanging('{}')).toEqual({ retryAfterMs: 0, reason: 'no_answer' });
  });
});
