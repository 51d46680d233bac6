import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { compress, preferredEncoding } from '../../shared/runtime/compress.ts';
import { ANSWER_HEADERS } from '../../shared/runtime/cors.ts';
import type { PageFiles } from '../../dashboard/page.html';

export interface PageRequest {
  method: string;
  path: string;
  acceptEncoding: string | undefined;
}

/** Answers what belongs to the page; undefined for everything else. It needs no key: the figures do. */
export type ServePage = (request: PageRequest) => APIGatewayProxyStructuredResultV2 | undefined;

/** Everything comes from this server, nothing is inline, and no other site may frame the page. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:", // blob: for the export as PNG
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': ANSWER_HEADERS['strict-transport-security'],
  'cross-origin-opener-policy': 'same-origin',
};

export function createPage({ html, assets }: PageFiles): ServePage {
  const served = new Map([
    ['/', toFile('text/html; charset=utf-8', html, 'no-cache')],
    // Named after their content, so what a browser has of them is never out of date.
    ...assets.map(({ name, type, body }) => {
      return [`/assets/${name}`, toFile(type, body, 'public, max-age=31536000, immutable')] as const;
    }),
  ]);

  return ({ method, path, acceptEncoding }) => {
    const file = served.get(path);
    if (!file || (method !== 'GET' && method !== 'HEAD')) return undefined;
    return method === 'HEAD' ? { ...file(undefined), body: '' } : file(acceptEncoding);
  };
}

/** A file for whoever takes it packed or as it is: packed once in each way. */
function toFile(type: string, body: string, caching: string) {
  const plain = { statusCode: 200, headers: { ...HEADERS, 'content-type': type, 'cache-control': caching }, body };
  const packed = new Map<string | undefined, APIGatewayProxyStructuredResultV2>();
  return (acceptEncoding: string | undefined): APIGatewayProxyStructuredResultV2 => {
    const encoding = preferredEncoding(acceptEncoding);
    const file = packed.get(encoding) ?? compress(plain, encoding);
    packed.set(encoding, file);
    return file;
  };
}
