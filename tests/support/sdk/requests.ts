// A visitor's browser as far as cookies and privacy headers go.
import type { VisitorRequest } from '../../../sdk/src/visitor/visitor-request.ts';
import { createVisitorRequest } from '../../../sdk/src/node/requests.ts';

export interface Browser {
  /** Set-Cookie headers in the order in which they came. */
  readonly received: readonly string[];
  /** The names of the cookies that it keeps, sorted. */
  names(): string[];
  /** A cookie's value, as it is sent. */
  value(name: string): string;
  /** How many bytes its cookies are in a header. */
  bytes(): number;
  keep(more: Readonly<Record<string, string>>): void;
  /** The next request, with all cookies that have been kept. */
  request(headers?: Readonly<Record<string, string>>, url?: string): VisitorRequest;
}

export const createBrowser = (kept: Readonly<Record<string, string>> = {}): Browser => {
  const cookies = new Map(Object.entries(kept));
  const received: string[] = [];

  const receive = (line: string): void => {
    received.push(line);
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (line.includes('Max-Age=0;')) cookies.delete(name);
    else cookies.set(name, value);
  };

  const header = (): string => Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');

  return {
    received,
    names: () => [...cookies.keys()].sort(),
    value: (name) => cookies.get(name) ?? '',
    bytes: () => header().length,
    keep: (more) => Object.entries(more).forEach(([name, value]) => cookies.set(name, value)),
    request: (headers = {}, url = '/') => {
      const cookie = header();
      return createVisitorRequest({
        url,
        answer: {},
        header: (name) => (name === 'cookie' ? cookie : headers[name]),
        setCookie: receive,
      });
    },
  };
};
