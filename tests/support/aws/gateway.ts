import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';

/** An HTTP request, as a test writes it. */
export interface HttpRequest {
  method: string;
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  /** Parsed JSON; undefined where there is none. */
  body: unknown;
}

/** Sends a request to a handler as the HTTP API does (payload format 2.0). @param timeLeftMs until Lambda gives it up */
export async function callHandler(
  handler: APIGatewayProxyHandlerV2,
  request: HttpRequest,
  timeLeftMs = 10_000,
): Promise<HttpAnswer> {
  const result = await handler(gatewayEvent(request), lambdaContext(timeLeftMs), () => undefined);
  const { statusCode = 0, headers = {}, body } = result as APIGatewayProxyStructuredResultV2;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
    body: body === undefined || body === '' ? undefined : JSON.parse(body),
  };
}

export function gatewayEvent({
  method,
  path,
  query = '',
  headers = {},
  body,
  isBase64Encoded = false,
}: HttpRequest): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'request',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '20/Nov/2026:12:00:00 +0000',
      timeEpoch: 0,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
}

/** What Lambda tells a function about its invocation, as far as ours ask. */
export function lambdaContext(timeLeftMs: number): Context {
  const deadline = Date.now() + timeLeftMs;
  return { getRemainingTimeInMillis: () => deadline - Date.now() } as Context;
}
