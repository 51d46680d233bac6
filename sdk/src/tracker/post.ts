/** What will not be counted: the event at an index of the request, or all of them. */
export interface Refusal {
  readonly index?: number;
  readonly code: string;
  readonly message?: string;
}

/** What became of a request: the backend has judged it and need not see it again, or it failed and must be repeated. */
export type Outcome = { readonly refusals: readonly Refusal[] } | { readonly retryAfterMs: number };

/** Sends a body of events. Never rejects. */
export type Post = (body: string) => Promise<Outcome>;

/** What browsers let a page send after it has gone, with room left for another request that is under way. */
export const KEEPALIVE_BYTES = 60_000;

interface Answer {
  readonly accepted?: unknown;
  readonly rejected?: readonly Refusal[];
}

function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

async function readOutcome(response: Response): Promise<Outcome> {
  const { status, headers } = response;
  const answer = (await response.json().catch(() => null)) as Answer | null;
  const { accepted, rejected } = answer ?? {};

  // A 200 that is not the backend's own (a hotel's log-in page, say) says nothing about the events.
  if (status === 200 && typeof accepted === 'number') return { refusals: rejected ?? [] };
  if (isFinal(status)) return { refusals: rejected ?? [{ code: `http_${status}` }] };
  return { retryAfterMs: Number(headers.get('retry-after')) * 1_000 || 0 };
}

/** Posts with fetch: text/plain needs no preflight, and keepalive lets the request outlive the page. */
export function postWithFetch(endpoint: string, timeoutMs: number, send: typeof fetch = fetch): Post {
  return async (body) => {
    try {
      const response = await send(`${endpoint.replace(/\/$/, '')}/events`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'text/plain' },
        credentials: 'omit',
        keepalive: true,
        signal: AbortSignal.timeout(timeoutMs),
      });
      return await readOutcome(response);
    } catch {
      // No network, no such host, no answer in time: it may have arrived, and may be sent again all the same.
      return { retryAfterMs: 0 };
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
