import { InvalidDefinitionError } from '../errors.ts';
import { inTime } from '../in-time.ts';

/** What will not be counted: the event at an index of the request, or all of them. */
export interface Refusal {
  readonly index?: number;
  readonly code: string;
  readonly message?: string;
}

/** A request that has to be repeated, and why: it did not arrive, or somebody else than the backend has answered. */
export interface Failure {
  readonly retryAfterMs: number;
  /** `no_answer` or `http_<status>`. */
  readonly reason: string;
}

/** What became of a request: the backend has judged it and need not see it again, or it failed and must be repeated. */
export type Outcome = { readonly refusals: readonly Refusal[] } | Failure;

/** Sends a body of events. Never rejects. */
export type Post = (body: string) => Promise<Outcome>;

/** What browsers let a page send after it has gone, with room left for another request that is under way. */
export const KEEPALIVE_BYTES = 60_000;

const DEFAULT_PATH = '/events';

/**
 * The address that events go to. An endpoint without a path is the backend's own, which takes them at `/events`; one
 * whose path ends with a slash is where the backend's paths begin; any other is the whole address, so that a name that
 * ad blockers do not know can be given. One that begins with a slash is relative to the page.
 * @throws InvalidDefinitionError where it is no address
 */
export function eventsAddress(endpoint: string): string {
  // Where no compiler has looked it may not even be a text.
  if (!/^(https?:\/\/[^/]|\/)/.test(endpoint)) {
    throw new InvalidDefinitionError(`Expected a URL as endpoint, got ${JSON.stringify(endpoint)}.`);
  }
  const isBase = /^https?:\/\/[^/]+$|\/$/.test(endpoint);
  return isBase ? endpoint.replace(/\/?$/, DEFAULT_PATH) : endpoint;
}

interface Answer {
  readonly accepted?: unknown;
  readonly rejected?: readonly Refusal[];
  readonly error?: Refusal;
}

/**
 * Only the backend's own word is final, which names how many events it has accepted. A log-in wall, a firewall or a
 * gateway between may answer anything, and its answer may be another one tomorrow.
 */
async function readOutcome(response: Response): Promise<Outcome> {
  const { status, headers } = response;
  const answer = (await response.json().catch(() => null)) as Answer | null;
  const { accepted, rejected, error } = answer ?? {};
  const isFinal = typeof accepted === 'number' && (status === 200 || (status >= 400 && status < 500 && status !== 429));
  if (isFinal) return { refusals: rejected ?? (error ? [error] : []) };
  return { retryAfterMs: Number(headers.get('retry-after')) * 1_000 || 0, reason: `http_${status}` };
}

/** How many bytes a text has in UTF-8; broken surrogates are none, which JSON escapes. */
export function countBytes(text: string): number {
  return encodeURIComponent(text).replace(/%../g, '_').length;
}

/** Posts with fetch: text/plain needs no preflight, and keepalive lets the request outlive the page. */
export function postWithFetch(address: string, timeoutMs: number, send?: typeof fetch): Post {
  return async (body) => {
    // Not AbortSignal.timeout, which Safari has from 16 on.
    const controller = new AbortController();
    const post = async () => {
      const response = await (send ?? fetch)(address, {
        method: 'POST',
        body,
        headers: { 'content-type': 'text/plain' },
        credentials: 'omit',
        // Browsers refuse to send more in this way.
        keepalive: countBytes(body) <= KEEPALIVE_BYTES,
        signal: controller.signal,
      });
      return readOutcome(response);
    };
    try {
      return await inTime(post(), timeoutMs);
    } catch {
      controller.abort();
      // No network, no such host, no answer in time: it may have arrived, and may be sent again all the same.
      return { retryAfterMs: 0, reason: 'no_answer' };
    }
  };
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 5 * 60_000;

/**
 * How long to wait before the next attempt: doubled at each failure, at random between half and all of it, so that
 * clients which failed together do not come back together. At least what the server asks for, and never for good.
 */
export function backoffMs(failures: number, random: number, retryAfterMs = 0): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
  return Math.min(Math.max(delay * (0.5 + random / 2), retryAfterMs), LONGEST_DELAY_MS);
}
