import type { CookieOptions, VisitorRequest } from '../visitor/visitor-request.ts';

export interface RequestParts {
  readonly url: string;
  /** Names are asked for in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Takes the value of a `Set-Cookie` header. */
  readonly setCookie: (line: string) => void;
  /** Where cookies of this answer go: whoever looks at the same request again has to see what was written. */
  readonly answer: object;
  /** Whether the request came by TLS as far as the server knows; headers of proxies before it know better. */
  readonly isSecure?: boolean | undefined;
}

/** Answers -> the cookies that were set on them. */
const cookiesOf = new WeakMap<object, Map<string, string>>();

/** Whether a request has come by TLS: true where nothing says that it has not. */
function cameByTls(header: RequestParts['header'], isSecure = true): boolean {
  const protocol = header('x-forwarded-proto') ?? header('cloudfront-forwarded-proto');
  return protocol === undefined ? isSecure : /^\s*(https|wss)/i.test(protocol);
}

export function createVisitorRequest({ url, header, setCookie, answer, isSecure }: RequestParts): VisitorRequest {
  const written = cookiesOf.get(answer) ?? new Map<string, string>();
  cookiesOf.set(answer, written);

  return {
    url,
    header,
    readCookie: (name) => written.get(name) ?? readCookie(header('cookie') ?? '', name),
    writeCookie: (name, value, options) => {
      written.set(name, value);
      setCookie(formatSetCookie(name, value, { ...options, secure: options.secure ?? cameByTls(header, isSecure) }));
    },
  };
}

/** A name or value of any characters as a cookie's: percent-encoding, also of what encodeURIComponent lets through. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[()]/g, (bracket) => `%${bracket.charCodeAt(0).toString(16)}`);
}

/** A cookie's value in a `Cookie` header (or several of them, joined by `;`). */
export function readCookie(header: string, name: string): string | undefined {
  const start = `${encode(name)}=`;
  const pair = header.split(/; */).find((candidate) => candidate.startsWith(start));
  try {
    return pair === undefined ? undefined : decodeURIComponent(pair.slice(start.length));
  } catch {
    // Not percent-encoded, so not one of ours.
    return undefined;
  }
}

/** A `Set-Cookie` header: Lax, so that a visitor who follows a link to the site keeps their variant. */
export function formatSetCookie(name: string, value: string, { maxAgeSeconds, domain, secure }: CookieOptions): string {
  return [
    `${encode(name)}=${encode(value)}`,
    `Max-Age=${maxAgeSeconds}`,
    'Path=/',
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(secure === false ? [] : ['Secure']),
    'HttpOnly',
    'SameSite=Lax',
  ].join('; ');
}

/** What is used of a request of Express, Koa (`ctx.req`), Fastify (`request.raw`) or plain node:http. */
export interface ServerRequest {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Says whether the connection is encrypted. */
  readonly socket?: object | null;
}

export interface ServerResponse {
  appendHeader(name: string, value: string): unknown;
}

/** A visitor's request in Express. Cookies go onto the response, so it must not have been sent yet. */
export function fromExpress({ url = '/', headers, socket }: ServerRequest, response: ServerResponse): VisitorRequest {
  return createVisitorRequest({
    url,
    answer: response,
    isSecure: socket ? 'encrypted' in socket && socket.encrypted === true : undefined,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join('; ') : value;
    },
    setCookie: (line) => response.appendHeader('set-cookie', line),
  });
}

/** A visitor's request as fetch has it (Hono, Next, edge workers). Cookies go into `answer`, the response's headers. */
export function fromFetch(request: Pick<Request, 'url' | 'headers'>, answer: Headers): VisitorRequest {
  return createVisitorRequest({
    url: request.url,
    answer,
    isSecure: !request.url.startsWith('http:'),
    header: (name) => request.headers.get(name) ?? undefined,
    setCookie: (line) => answer.append('set-cookie', line),
  });
}

/** What is used of the event of an HTTP API (payload 2.0), a function URL or a REST API (payload 1.0). */
export interface LambdaHttpEvent {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly cookies?: readonly string[];
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  readonly path?: string;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
}

function queryOf({ rawQueryString, queryStringParameters }: LambdaHttpEvent): string {
  if (rawQueryString !== undefined) return rawQueryString;
  const pairs = Object.entries(queryStringParameters ?? {}).map(([name, value = '']): [string, string] => [
    name,
    value,
  ]);
  return new URLSearchParams(pairs).toString();
}

/**
 * A visitor's request in a Lambda. Cookies are pushed onto `answer`: return it as `cookies` (payload 2.0) or as
 * `multiValueHeaders['set-cookie']` (payload 1.0).
 */
export function fromLambda(event: LambdaHttpEvent, answer: string[]): VisitorRequest {
  const headers = new Map(Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  if (event.cookies) headers.set('cookie', event.cookies.join('; '));

  return createVisitorRequest({
    answer,
    url: `${event.rawPath ?? event.path ?? '/'}?${queryOf(event)}`,
    header: (name) => headers.get(name),
    setCookie: (line) => answer.push(line),
  });
}
