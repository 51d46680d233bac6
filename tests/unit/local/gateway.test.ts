import { afterEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { findFreePorts } from '../../../local/free-ports.ts';
import { startGateway, type Gateway } from '../../../local/gateway/gateway.ts';
import { rawRequest, sendRaw } from '../../support/raw-http.ts';

let gateway: Gateway | undefined;
afterEach(() => gateway?.stop());

describe('the local gateway', () => {
  test('hands a request over as an HTTP API does', async () => {
    const { url, events } = await start();
    await fetch(`${url}/things/a%2Fb%20%D7%90?x=1&x=2&y=%26&empty=`, {
      headers: { Cookie: 'a=1; b=2', 'X-Name': 'v' },
    });
    expect(events).toEqual([
      expect.objectContaining({
        version: '2.0',
        routeKey: 'GET /things/{name+}',
        rawPath: '/things/a/b א',
        rawQueryString: 'x=1&x=2&y=%26&empty=',
        queryStringParameters: { x: '1,2', y: '&', empty: '' },
        pathParameters: { name: 'a/b א' },
        cookies: ['a=1', 'b=2'],
        isBase64Encoded: false,
      }),
    ]);
    expect(events[0]?.headers).toMatchObject({ 'x-name': 'v' });
    expect(events[0]?.headers).not.toHaveProperty('cookie');
    expect(events[0]).not.toHaveProperty('body');
    expect(events[0]?.requestContext.http).toMatchObject({
      method: 'GET',
      path: '/things/a/b א',
      sourceIp: '127.0.0.1',
    });
  });

  test.each([
    { type: 'application/json', body: Buffer.from('{"a":"é"}'), base64: false },
    { type: 'text/plain;charset=UTF-8', body: Buffer.from('[]'), base64: false },
    { type: 'application/json', body: Buffer.from([0x22, 0xff, 0x22]), base64: true },
    { type: 'application/octet-stream', body: Buffer.from('abc'), base64: true },
    { type: 'application/json', encoding: 'gzip', body: Buffer.from('abc'), base64: true },
  ])('a body of $type $encoding arrives byte by byte', async ({ type, encoding, body, base64 }) => {
    const { url, events } = await start();
    const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) };
    await fetch(`${url}/track`, { method: 'POST', headers, body });
    expect(events[0]?.isBase64Encoded).toBe(base64);
    expect(Buffer.from(events[0]?.body ?? '', base64 ? 'base64' : 'utf8').equals(body)).toBe(true);
  });

  test('sends what a function returns: status, headers, cookies, bytes', async () => {
    const { url } = await start(() => ({
      statusCode: 201,
      headers: { 'x-count': 5, 'content-type': 'image/png' },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from([1, 2, 255]).toString('base64'),
      isBase64Encoded: true,
    }));
    const answer = await fetch(`${url}/track`);
    expect([answer.status, answer.headers.get('x-count'), answer.headers.getSetCookie()]).toEqual([
      201,
      '5',
      ['a=1', 'b=2'],
    ]);
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([1, 2, 255]);
  });

  test('anything without a status code is JSON with 200', async () => {
    const { url } = await start(() => ({ plain: true }));
    const answer = await fetch(`${url}/track`);
    expect([answer.status, await answer.json()]).toEqual([200, { plain: true }]);
  });

  test.each(['/nothing', '/track/', '/things', '/things/'])('%s is no route', async (path) => {
    const { url } = await start();
    const answer = await fetch(url + path);
    expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }]);
  });

  test('a route answers to its own method alone', async () => {
    const { url } = await start();
    const statuses = ['HEAD', 'PUT', 'OPTIONS'].map(async (method) => (await fetch(`${url}/track`, { method })).status);
    expect(await Promise.all(statuses)).toEqual([404, 404, 200]);
  });

  test('of two routes that match, the one that says more is taken', async () => {
    const { url, events } = await start();
    for (const path of ['/things/special', '/things/other']) await fetch(url + path);
    expect(events.map(({ routeKey }) => routeKey)).toEqual(['GET /things/special', 'GET /things/{name+}']);
  });

  test('a path that cannot be decoded is a bad request', async () => {
    const { port } = await start();
    expect((await sendRaw(port, rawRequest('GET', '/things/%E0%A4'))).status).toBe(400);
  });

  test('a function that fails is a 500 for its client and a line for us, and nothing else breaks', async () => {
    const { url, warnings } = await start(() => Promise.reject(new Error('broken')));
    const answer = await fetch(`${url}/track`);
    expect([answer.status, await answer.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    expect(warnings).toEqual([expect.stringContaining('GET /track failed: Error: broken')]);
  });

  test('what a gateway would not pass on is refused: bodies, heads, answers', async () => {
    const { url, warnings } = await start(() => ({ statusCode: 200, body: 'x'.repeat(7_000_000) }));
    const post = (bytes: number) => fetch(`${url}/track`, { method: 'POST', body: Buffer.alloc(bytes, 'x') });
    expect((await post(10 * 1024 * 1024 + 1)).status).toBe(413);
    expect((await post(6 * 1024 * 1024)).status).toBe(413);
    expect((await fetch(`${url}/track?${'x'.repeat(17_000)}`)).status).toBe(431);
    expect((await fetch(`${url}/track`)).status).toBe(500);
    expect(warnings).toEqual([expect.stringContaining('an answer of 7000000 bytes')]);
  });

  test('one that ends answers what is under way', async () => {
    let goOn: (() => void) | undefined;
    const { url, events } = await start(() => new Promise((resolve) => (goOn = () => resolve({ late: true }))));
    const answer = fetch(`${url}/track`);
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = gateway?.stop();
    goOn?.();
    expect(await (await answer).json()).toEqual({ late: true });
    await stopped;
  });
});

async function start(handle: (event: APIGatewayProxyEventV2) => unknown = () => ({ statusCode: 200 })) {
  const events: APIGatewayProxyEventV2[] = [];
  const warnings: string[] = [];
  const [port = 0] = await findFreePorts(1);
  const routes = ['GET /track', 'POST /track', 'OPTIONS /{proxy+}', 'GET /things/{name+}', 'GET /things/special'];
  gateway = await startGateway({
    port,
    routes: routes.map((route) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, path, functionName: 'it' };
    }),
    functions: {
      it(event) {
        events.push(event as APIGatewayProxyEventV2);
        return Promise.resolve(handle(event as APIGatewayProxyEventV2));
      },
    },
    warn: (line) => warnings.push(line),
  });
  return { url: `http://127.0.0.1:${port}`, port, events, warnings };
}
