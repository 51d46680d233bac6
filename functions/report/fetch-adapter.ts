import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** The gateway's event as a Fetch request. */
export function toRequest({ requestContext, rawPath, rawQueryString, headers, body, isBase64Encoded }: APIGatewayProxyEventV2) {
  const { method } = requestContext.http;
  const url = `http://report${rawPath}${rawQueryString === '' ? '' : `?${rawQueryString}`}`;
  const known = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined);
  const bodyless = !body || method === 'GET' || method === 'HEAD';
  const bytes = bodyless ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return new Request(url, { method, headers: known, body: bytes });
}

/** A Fetch response of text as the gateway wants it. */
export async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}
