// A visitor's browser as far as cookies and privacy headers go.
import type { VisitorRequest } from '../../../sdk/src/visitor/visitor-request.ts';
import { createVisitorRequest } from '../../../sdk/src/node/requests.ts';

export interface Browser {
  /** Set-Cookie headers in the order in which they came. */
  readonly received: readonly string[];
  /** The next request, with all cookies that have been kept. */
  request(headers?: Readonly<Record<string, string>>, url?: string): VisitorRequest;
}

export const createBrowser = (kept: Readonly<Record<string, string>> = {}): Browser => {
  const cookies = new Map(Object.entries(kept));
  const received: string[] = [];

  const keep = (line: string): void => {
    received.push(line);
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (line.includes('Max-Age=0;')) cookies.delete(name);
    else cookies.set(name, value);
  };

  return {
    received,
    request: (headers = {}, url = '/') => {
      const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
      return createVisitorRequest({
        url,
        header: (name) => (name === 'cookie' ? cookie : headers[name]),
        setCookie: keep,
      });
    },
  };
};
