import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Below it a packet is a packet. */
const WORTH_IT_BYTES = 1_400;

/** Brotli's 4 is as fast as gzip and smaller; above it the time of an answer doubles for a few percent. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const ENCODERS = {
  br: (body: string) => brotliCompressSync(body, BROTLI),
  gzip: (body: string) => gzipSync(body),
};
type Encoding = keyof typeof ENCODERS;

/**
 * An answer of text as small as its reader takes it. The gateway does not compress, hands bytes through as base64 only,
 * and a function's answer may have 6 MB.
 * @param acceptEncoding the request's header, RFC 9110, section 12.5.3
 */
export function compress(
  result: APIGatewayProxyStructuredResultV2,
  acceptEncoding: string | undefined,
): APIGatewayProxyStructuredResultV2 {
  const { headers = {}, body = '' } = result;
  if (body.length < WORTH_IT_BYTES || 'content-encoding' in headers) return result;
  const varied = { ...headers, vary: vary(headers.vary) };
  const encoding = preferredEncoding(acceptEncoding);
  if (encoding === undefined) return { ...result, headers: varied };
  return {
    ...result,
    headers: { ...varied, 'content-encoding': encoding },
    body: ENCODERS[encoding](body).toString('base64'),
    isBase64Encoded: true,
  };
}

/** What the reader likes best of what we have; the smaller one where it likes both. */
export function preferredEncoding(acceptEncoding = ''): Encoding | undefined {
  const weights = new Map(acceptEncoding.split(',').map(readWeight));
  const weightOf = (encoding: string) => weights.get(encoding) ?? weights.get('*') ?? 0;
  const [best] = (['br', 'gzip'] as const).toSorted((a, b) => weightOf(b) - weightOf(a));
  return best && weightOf(best) > 0 ? best : undefined;
}

/** `gzip;q=0.5`, 1 where no weight is given. */
function readWeight(part: string): [encoding: string, weight: number] {
  const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return [name, weight === undefined ? 1 : Number(weight) || 0];
}

function vary(before: string | number | boolean | undefined): string {
  return before === undefined ? 'accept-encoding' : `${before}, accept-encoding`;
}
