import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { MatchedRoute } from './routes.ts';

/** A request as it came in, its path decoded. */
export interface HttpRequest {
  method: string;
  path: string;
  /** Without its question mark, as it was sent. */
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  sourceIp: string;
}

/** An answer as it goes out. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer | string;
}

/**
 * The event that an HTTP API hands to a function (payload format 2.0).
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function toEvent(
  { method, path, query, headers, body, sourceIp }: HttpRequest,
  { parameters, ...route }: MatchedRoute,
): APIGatewayProxyEventV2 {
  const { cookie, ...others } = headers;
  const parsed = parseQuery(query);
  const text = isText(headers, body);
  const now = new Date();
  const routeKey = `${route.method} ${route.path}`;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, [value].flat().join(',')])),
    ...(Object.keys(parsed).length > 0 && { queryStringParameters: parsed }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** Repeated names are joined by commas. */
function parseQuery(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(joined);
}

const TEXT = /^(text\/|application\/(json|xml|javascript|[\w.]+\+(json|xml)|x-www-form-urlencoded))/i;

/** Anything else comes in base64, and so does what would not survive as text. */
function isText(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const isPlain = headers['content-encoding'] === undefined && TEXT.test(headers['content-type'] ?? '');
  return isPlain && Buffer.from(body.toString('utf8')).equals(body);
}

/** What a function returned, as an HTTP API reads it: an object with a status code, or anything else as JSON. */
export function toAnswer(result: unknown): HttpAnswer {
  if (!isStructured(result)) return answerJson(200, result ?? null);
  const { statusCode = 200, headers = {}, cookies, body = '', isBase64Encoded = false } = result;
  return {
    status: statusCode,
    headers: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      ...(cookies && { 'set-cookie': cookies }),
    },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}

function isStructured(result: unknown): result is APIGatewayProxyStructuredResultV2 {
  return typeof result === 'object' && result !== null && 'statusCode' in result;
}

/** An answer that the gateway gives itself. */
export function answerJson(status: number, content: unknown): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) };
}
