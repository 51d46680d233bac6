import type { VisitorRequest } from '../visitor/visitor-request.ts';
import { createVisitorRequest } from './create-visitor-request.ts';

/** What is used of the event of an HTTP API (payload 2.0), a function URL or a REST API (payload 1.0). */
export interface LambdaHttpEvent {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly cookies?: readonly string[];
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  readonly path?: string;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
}

const queryOf = ({ rawQueryString, queryStringParameters }: LambdaHttpEvent): string => {
  if (rawQueryString !== undefined) return rawQueryString;
  const pairs = Object.entries(queryStringParameters ?? {}).map(([name, value = '']): [string, string] => [
    name,
    value,
  ]);
  return new URLSearchParams(pairs).toString();
};

/**
 * A visitor's request in a Lambda. Cookies are pushed onto `answer`: return it as `cookies` (payload 2.0) or as
 * `multiValueHeaders['set-cookie']` (payload 1.0).
 */
export const fromLambda = (event: LambdaHttpEvent, answer: string[]): VisitorRequest => {
  const headers = new Map(Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  if (event.cookies) headers.set('cookie', event.cookies.join('; '));

  return createVisitorRequest({
    url: `${event.rawPath ?? event.path ?? '/'}?${queryOf(event)}`,
    header: (name) => headers.get(name),
    setCookie: (line) => answer.push(line),
  });
};
