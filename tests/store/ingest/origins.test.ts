import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { anEvent } from '../../support/counting/events.ts';
import { callHandler, type HttpRequest } from '../../support/aws/gateway.ts';
import { environmentOf, loadIngest, loadReport } from '../../support/aws/load-handler.ts';
import { readEvents } from '../../support/counting/read-stream.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

const SHOP = 'https://shop.example';
const OTHER = 'https://www.shop.example';
const UNLISTED = [
  'https://evil.example',
  'http://shop.example',
  `${SHOP}.evil.example`,
  `${SHOP}, ${OTHER}`,
  'null',
  '',
];

let world: World;
let ingest: APIGatewayProxyHandlerV2;
let report: APIGatewayProxyHandlerV2;

beforeAll(async () => {
  world = await createWorld();
  const environment = { ...environmentOf(world), ALLOWED_ORIGINS: `${SHOP},HTTPS://WWW.shop.example:443/` };
  ingest = await loadIngest(environment);
  report = await loadReport(environment);
  delete process.env.ALLOWED_ORIGINS;
});
afterAll(() => world.close());

const sent = (uuid: string, headers: Record<string, string>): HttpRequest => ({
  method: 'POST',
  path: '/events',
  headers: { 'content-type': 'text/plain', ...headers },
  body: JSON.stringify([anEvent({ uuid })]),
});
const uuids = async () => (await readEvents(world)).map(({ uuid }) => uuid);

describe('where origins are named', () => {
  test.each([SHOP, OTHER])('a page of %s may send, and read the answer', async (origin) => {
    const answer = await callHandler(ingest, sent(origin, { origin }));
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'origin' });
    expect(await uuids()).toContain(origin);
  });

  test.each(UNLISTED)('a page of %j is refused with a reason, and nothing comes into the stream', async (origin) => {
    const answer = await callHandler(ingest, sent(`from ${origin}`, { origin }));
    expect([answer.status, answer.body]).toEqual([
      403,
      {
        accepted: 0,
        error: { code: 'origin_not_allowed', message: expect.stringContaining('allowedOrigins of mem.config.json') },
      },
    ]);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers.vary).toBe('origin');
    const query = new URLSearchParams({
      experiment: 'e',
      variant: 'v',
      event: 'e',
      uuid: `got from ${origin}`,
    }).toString();
    expect((await callHandler(ingest, { method: 'GET', path: '/track', query, headers: { origin } })).status).toBe(403);
    expect(await uuids()).not.toEqual(expect.arrayContaining([expect.stringContaining(`from ${origin}`)]));
  });

  test('a server, which has no origin, may send', async () => {
    const answer = await callHandler(ingest, sent('server', {}));
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(await uuids()).toContain('server');
  });

  test('a question before a request is answered for them alone', async () => {
    for (const handler of [ingest, report]) {
      const allowed = await callHandler(handler, { method: 'OPTIONS', path: '/events', headers: { origin: SHOP } });
      expect(allowed.headers).toMatchObject({
        'access-control-allow-origin': SHOP,
        'access-control-allow-headers': expect.stringContaining('x-api-key'),
      });
      const refused = await callHandler(handler, {
        method: 'OPTIONS',
        path: '/events',
        headers: { origin: 'https://evil.example' },
      });
      expect(refused.status).toBe(204);
      expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('reports can be read by their pages alone; errors, too', async () => {
    for (const path of ['/health', '/experiments', '/nowhere']) {
      const own = await callHandler(report, { method: 'GET', path, headers: { origin: SHOP } });
      expect(own.headers).toMatchObject({ 'access-control-allow-origin': SHOP, vary: 'origin' });
      const strange = await callHandler(report, { method: 'GET', path, headers: { origin: 'https://evil.example' } });
      expect(strange.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

const STRICT = {
  'cache-control': expect.stringContaining('no-store'),
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
};

describe('every answer', () => {
  test.each<[string, HttpRequest]>([
    ['to an event', sent('strict', {})],
    ['to nothing valid', { method: 'GET', path: '/track' }],
    ['to a preflight', { method: 'OPTIONS', path: '/track' }],
    ['to a page that may not send', sent('strict', { origin: 'null' })],
  ])('%s is no document, and is not kept', async (_title, request) => {
    expect((await callHandler(ingest, request)).headers).toMatchObject(STRICT);
  });

  test.each(['/health', '/experiments', '/v1/experiments?format=csv', '/nowhere', '/assets/nothing.js'])(
    'of %s, likewise',
    async (path) => {
      expect((await callHandler(report, { method: 'GET', path })).headers).toMatchObject(STRICT);
    },
  );
});
