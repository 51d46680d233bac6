import { hash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../shared/contract/answers.ts';
import { DEFAULT_NAMESPACE } from '../../shared/contract/event.ts';
import { answerConfig, type ConfigDeps } from '../../shared/reporting/config-answer.ts';
import { requireName } from '../../shared/reporting/put-definition.ts';
import type { Cors } from '../../shared/runtime/cors.ts';
import { RequestError } from '../../shared/runtime/errors.ts';

/** Browsers and caches ask again after a minute, and go on with what they have while they do, or while we are down. */
const CACHING = 'public, max-age=60, stale-while-revalidate=600, stale-if-error=86400';

/** What several requests at once have in common; short, so that a change is not late. */
const REMEMBERED_MS = 2_000;

export interface ConfigRouteDeps extends ConfigDeps {
  cors: Cors;
  now: () => number;
  onError: (error: unknown) => void;
}

interface Body {
  text: string;
  etag: string;
}

export type AnswerConfig = (
  event: Pick<APIGatewayProxyEventV2, 'headers' | 'rawQueryString'>,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** `GET /v1/config`: 200, 304 where the reader has it, 400 for a namespace that is none, 503 where the table is down. */
export function createConfigRoute(deps: ConfigRouteDeps): AnswerConfig {
  const remembered = new Map<string, { body: Promise<Body>; until: number }>();

  function read(namespace: string): Promise<Body> {
    const known = remembered.get(namespace);
    if (known && deps.now() < known.until) return known.body;
    if (remembered.size >= 100) remembered.clear();
    const body = readBody(namespace, deps);
    remembered.set(namespace, { body, until: deps.now() + REMEMBERED_MS });
    body.catch(() => remembered.delete(namespace));
    return body;
  }

  return async ({ headers, rawQueryString }) => {
    const common = deps.cors.headersFor(headers.origin);
    try {
      const namespace = new URLSearchParams(rawQueryString).get('namespace') ?? DEFAULT_NAMESPACE;
      requireName('namespace', namespace, 0);
      const { text, etag } = await read(namespace);
      const cached = { ...common, 'cache-control': CACHING, etag };
      if (holds(headers['if-none-match'], etag)) return { statusCode: 304, headers: cached };
      return { statusCode: 200, headers: { ...cached, 'content-type': 'application/json' }, body: text };
    } catch (error) {
      return refuse(error, common, deps.onError);
    }
  };
}

async function readBody(namespace: string, deps: ConfigDeps): Promise<Body> {
  const text = JSON.stringify(await answerConfig(namespace, deps));
  // Weak: the same whether it is compressed or not.
  return { text, etag: `W/"${hash('sha256', text, 'base64url').slice(0, 22)}"` };
}

function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  const known = (ifNoneMatch ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(etag.replace(/^W\//, ''));
}

function refuse(
  error: unknown,
  headers: Record<string, string>,
  onError: (error: unknown) => void,
): APIGatewayProxyStructuredResultV2 {
  const known = error instanceof RequestError;
  if (!known) onError(error);
  const statusCode = known ? error.status : 503;
  const body: Problem = {
    type: 'about:blank',
    title: known ? error.code : 'unavailable',
    status: statusCode,
    detail: known ? error.message : 'definitions cannot be read now; try again',
  };
  return {
    statusCode,
    headers: { ...headers, 'content-type': 'application/problem+json', ...(!known && { 'retry-after': '2' }) },
    body: JSON.stringify(body),
  };
}
