import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** The gateway's event as a Fetch request. */
export function toRequest(event: APIGatewayProxyEventV2): Request {
  const { requestContext, rawQueryString, headers, body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const url = `http://report${encodedPath(event)}${rawQueryString === '' ? '' : `?${rawQueryString}`}`;
  const known = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, toHeader(value)]],
  );
  const bodyless = !body || method === 'GET' || method === 'HEAD';
  const bytes = bodyless ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return new Request(url, { method, headers: known, body: bytes });
}

/** Fetch throws at a header with other than Latin characters. With a mark for each of them it is as wrong, and answered. */
function toHeader(value: string): string {
  return value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}

/**
 * AWS' HTTP APIs hand the path over decoded, serverless offline as it was sent. It was decoded where it is the route
 * with its decoded parameter in place: then the name is encoded again, or '%' and '?' in it would mean something.
 */
function encodedPath({ routeKey, rawPath, pathParameters }: Partial<APIGatewayProxyEventV2>): string {
  const name = pathParameters?.name;
  const [beginning, end] = routeKey?.slice(routeKey.indexOf(' ') + 1).split('{name+}') ?? [];
  if (name === undefined || beginning === undefined || end !== '') return rawPath ?? '';
  return rawPath === beginning + name ? beginning + encodeURIComponent(name) : (rawPath ?? '');
}

/** A Fetch response of text as the gateway wants it. */
export async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}
