import type { VisitorRequest } from '../visitor/visitor-request.ts';
import { formatSetCookie, readCookie } from './cookie-header.ts';

export interface RequestParts {
  readonly url: string;
  /** Names are asked for in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Takes the value of a `Set-Cookie` header. */
  readonly setCookie: (line: string) => void;
}

export const createVisitorRequest = ({ url, header, setCookie }: RequestParts): VisitorRequest => {
  // A second look within one request has to see what the first has written.
  const written = new Map<string, string>();

  return {
    url,
    header,
    readCookie: (name) => written.get(name) ?? readCookie(header('cookie') ?? '', name),
    writeCookie: (name, value, options) => {
      written.set(name, value);
      setCookie(formatSetCookie(name, value, options));
    },
  };
};
