import type { Context, MiddlewareHandler } from 'hono';
import type { ApiKeys, Role } from '../../shared/stores/dynamodb/api-keys.ts';
import { RequestError } from '../../shared/runtime/errors.ts';
import { isUtf8 } from '../../shared/runtime/query.ts';
import { UnknownExperiment } from '../../shared/reporting/unknown/require-known.ts';
import { requireName } from '../../shared/reporting/put-definition.ts';
import { DEFAULT_NAMESPACE } from '../../shared/contract/event.ts';
import type { Problem } from '../../shared/contract/answers.ts';

export function namespaceOf(context: Context): string {
  return named('namespace', context.req.query('namespace') ?? DEFAULT_NAMESPACE, 0);
}

/** A name that an event can have. @throws RequestError */
export function named(what: string, name: string, least: number): string {
  requireName(what, name, least);
  return name;
}

/** Of an address that is no UTF-8, nobody can tell which experiment is meant. @throws RequestError */
export function requireUtf8(url: string): void {
  if (isUtf8(url)) return;
  throw new RequestError(400, 'invalid_encoding', 'expected an address in UTF-8, percent-encoded, got other bytes');
}

export function required(context: Context, parameter: string): string {
  const value = context.req.query(parameter);
  if (value) return named(parameter, value, 1);
  throw new RequestError(400, 'missing_parameter', `${parameter}: expected a value in the query, got none`);
}

/** The key that a request presents; an empty one is none. */
export function keyOf(context: Context): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const given = context.req.header('x-api-key');
  return given === undefined || given === '' ? bearer : given;
}

export function requireRole(role: Role, apiKeys: Pick<ApiKeys, 'roleOf'>): MiddlewareHandler {
  return async (context, next) => {
    const key = keyOf(context);
    if (!key) {
      throw new RequestError(401, 'no_key', 'expected an API key in x-api-key or Authorization: Bearer, got none');
    }
    const has = await apiKeys.roleOf(key);
    if (!has) throw new RequestError(401, 'wrong_key', 'expected a valid API key, got one that is not');
    if (role === 'admin' && has !== 'admin') {
      throw new RequestError(403, 'read_only_key', 'expected an admin key, got a read-only one');
    }
    await next();
  };
}

/** RFC 9457. What is not the caller's fault is an outage: logged in full, told in one sentence. */
export function problem(context: Context, error: unknown, onError?: (error: unknown) => void): Response {
  const known = error instanceof RequestError;
  if (!known) onError?.(error);
  const status = known ? error.status : 503;
  const body: Problem = {
    type: 'about:blank',
    title: known ? error.code : 'unavailable',
    status,
    detail: known ? error.message : 'the counters or tables cannot be read now; try again',
    ...(known && error.faults.length > 0 && { errors: [...error.faults] }),
    ...(error instanceof UnknownExperiment && { near: [...error.near] }),
  };
  return context.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    ...(!known && { 'retry-after': '2' }),
  });
}
