import { describe, expect, test } from '@jest/globals';
import { fromExpress } from '../../../sdk/src/node/requests.ts';
import { fromFetch } from '../../../sdk/src/node/requests.ts';
import { fromLambda } from '../../../sdk/src/node/requests.ts';
import type { VisitorRequest } from '../../../sdk/src/visitor/visitor-request.ts';

interface Adapted {
  readonly request: VisitorRequest;
  /** The Set-Cookie headers of the answer. */
  readonly answer: () => string[];
}

const adapters: Record<string, () => Adapted> = {
  Express: () => {
    const lines: string[] = [];
    const headers = { cookie: 'a=1; b=%C3%A9', dnt: '1' };
    const response = { appendHeader: (_: string, line: string) => lines.push(line) };
    return { request: fromExpress({ url: '/page?x=1', headers }, response), answer: () => lines };
  },
  Fetch: () => {
    const answer = new Headers();
    const headers = { cookie: 'a=1; b=%C3%A9', DNT: '1' };
    const request = new Request('https://shop.example/page?x=1', { headers });
    return { request: fromFetch(request, answer), answer: () => answer.getSetCookie() };
  },
  'Lambda behind an HTTP API': () => {
    const answer: string[] = [];
    const event = { rawPath: '/page', rawQueryString: 'x=1', headers: { dnt: '1' }, cookies: ['a=1', 'b=%C3%A9'] };
    return { request: fromLambda(event, answer), answer: () => answer };
  },
  'Lambda behind a REST API': () => {
    const answer: string[] = [];
    const headers = { Cookie: 'a=1; b=%C3%A9', DNT: '1' };
    const event = { path: '/page', queryStringParameters: { x: '1' }, headers };
    return { request: fromLambda(event, answer), answer: () => answer };
  },
};

describe.each(Object.entries(adapters))('a request to %s', (_, adapt) => {
  test('has its address, headers and cookies', () => {
    const { request } = adapt();

    expect(new URL(request.url, 'http://localhost').searchParams.get('x')).toBe('1');
    expect(request.header('dnt')).toBe('1');
    expect(request.header('sec-gpc')).toBeUndefined();
    expect(['a', 'b', 'c'].map((name) => request.readCookie(name))).toEqual(['1', 'é', undefined]);
  });

  test('lets cookies be set and deleted, and sees them itself', () => {
    const { request, answer } = adapt();
    request.writeCookie('a', 'x;y', { maxAgeSeconds: 60, domain: 'example.com' });
    request.writeCookie('b', '', { maxAgeSeconds: 0, domain: undefined });

    expect(answer()).toEqual([
      'a=x%3By; Max-Age=60; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax',
      'b=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax',
    ]);
    expect([request.readCookie('a'), request.readCookie('b')]).toEqual(['x;y', '']);
  });
});

test('a Lambda event without headers, cookies and query is a request too', () => {
  const request = fromLambda({}, []);

  expect([request.header('dnt'), request.readCookie('a'), request.url]).toEqual([undefined, undefined, '/?']);
});

test('several headers of one name are read together', () => {
  const request = fromExpress({ headers: { cookie: ['a=1', 'b=2'] } }, { appendHeader: () => undefined });

  expect([request.readCookie('b'), request.url]).toEqual(['2', '/']);
});
