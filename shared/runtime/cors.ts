/** On every answer of ours that is not the page: it is no document, and nobody is to keep it. */
export const ANSWER_HEADERS = {
  'cache-control': 'no-cache, no-store, must-revalidate',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000', // browsers leave it aside where there is no TLS, as on one machine
  'x-content-type-options': 'nosniff',
};

type Headers = Record<string, string>;

/** Which pages may send requests, and read what became of them. */
export interface Cors {
  /** Whether a request with such an `Origin` is answered; one without comes from no page. */
  allows: (origin: string | undefined) => boolean;
  /** For every answer, errors too. */
  headersFor: (origin: string | undefined) => Headers;
  /**
   * The answer to a browser's question whether it may send a request. It holds for every path, and for whatever headers
   * the page's other scripts add, such as those for tracing.
   * @param requested the question's `Access-Control-Request-Headers`
   */
  preflightFor: (origin: string | undefined, requested?: string) => { statusCode: 204; headers: Headers };
}

const OWN_HEADERS = ['authorization', 'content-type', 'content-encoding', 'if-match', 'x-api-key'];
const MAX_REQUESTED = 4_096;

function preflight(requested = ''): Headers {
  const names = requested.slice(0, MAX_REQUESTED).toLowerCase().split(',');
  const others = names.map((name) => name.trim()).filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  return {
    'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
    'access-control-allow-headers': [...new Set([...OWN_HEADERS, ...others])].join(', '),
    'access-control-max-age': '86400',
  };
}

/** @param allowedOrigins as browsers write them, `https://shop.example`; all pages where none is named */
export function createCors(allowedOrigins: readonly string[]): Cors {
  const readable = { ...ANSWER_HEADERS, 'access-control-expose-headers': 'retry-after' };
  const toAll = { ...readable, 'access-control-allow-origin': '*' };
  const toNobody = { ...ANSWER_HEADERS, vary: 'origin' };
  const toOne = new Map(
    allowedOrigins.map((origin) => [origin, { ...readable, 'access-control-allow-origin': origin, vary: 'origin' }]),
  );
  const isOpen = allowedOrigins.length === 0;

  const headersFor = (origin = ''): Headers => (isOpen ? toAll : (toOne.get(origin) ?? toNobody));
  const allows = (origin?: string) => isOpen || origin === undefined || toOne.has(origin);
  return {
    allows,
    headersFor,
    preflightFor: (origin, requested) => ({
      statusCode: 204,
      headers: { ...headersFor(origin), ...(allows(origin) && preflight(requested)) },
    }),
  };
}
