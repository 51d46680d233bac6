import type { VisitorRequest } from '../visitor/visitor-request.ts';
import { createVisitorRequest } from './create-visitor-request.ts';

/** What is used of a request of Express, Koa (`ctx.req`), Fastify (`request.raw`) or plain node:http. */
export interface ServerRequest {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ServerResponse {
  appendHeader(name: string, value: string): unknown;
}

/** A visitor's request in Express. Cookies go onto the response, so it must not have been sent yet. */
export const fromExpress = ({ url = '/', headers }: ServerRequest, response: ServerResponse): VisitorRequest =>
  createVisitorRequest({
    url,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join('; ') : value;
    },
    setCookie: (line) => response.appendHeader('set-cookie', line),
  });
