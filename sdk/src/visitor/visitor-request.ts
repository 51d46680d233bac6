export interface CookieOptions {
  readonly maxAgeSeconds: number;
  readonly domain: string | undefined;
  /** Whether the cookie is for TLS alone; undefined where the request decides. */
  readonly secure?: boolean | undefined;
}

/** What is needed of an HTTP request and its answer. Adapters for Express, Fetch and Lambda are in the Node entry. */
export interface VisitorRequest {
  /** Path and query, or the whole URL. */
  readonly url: string;
  header(name: string): string | undefined;
  readCookie(name: string): string | undefined;
  /** Sets a cookie on the answer, HttpOnly, and Secure unless `secure` or the request say otherwise; 0 s deletes it. */
  writeCookie(name: string, value: string, options: CookieOptions): void;
}

const YES = /^(true|t|YES|y|1|on)$/i;

/** Whether a visitor has asked not to be followed, by `DNT` or by Global Privacy Control. */
export function refusesTracking(request: Pick<VisitorRequest, 'header'>): boolean {
  return YES.test(request.header('dnt') ?? '') || YES.test(request.header('sec-gpc') ?? '');
}
