import type { VisitorRequest } from '../visitor/visitor-request.ts';
import { createVisitorRequest } from './create-visitor-request.ts';

/** A visitor's request as fetch has it (Hono, Next, edge workers). Cookies go into `answer`, the response's headers. */
export const fromFetch = (request: Pick<Request, 'url' | 'headers'>, answer: Headers): VisitorRequest =>
  createVisitorRequest({
    url: request.url,
    header: (name) => request.headers.get(name) ?? undefined,
    setCookie: (line) => answer.append('set-cookie', line),
  });
