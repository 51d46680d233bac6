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
export const keepaliveBytes = 60_000;

interface Answer {
  readonly accepted?: unknown;
  readonly rejected?: readonly Refusal[];
}

const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

const readOutcome = async (response: Response): Promise<Outcome> => {
  const { status, headers } = response;
  const answer = (await response.json().catch(() => null)) as Answer | null;
  const { accepted, rejected } = answer ?? {};

  // A 200 that is not the backend's own (a hotel's log-in page, say) says nothing about the events.
  if (status === 200 && typeof accepted === 'number') return { refusals: rejected ?? [] };
  if (isFinal(status)) return { refusals: rejected ?? [{ code: `http_${status}` }] };
  return { retryAfterMs: Number(headers.get('retry-after')) * 1_000 || 0 };
};

/** Posts with fetch: text/plain needs no preflight, and keepalive lets the request outlive the page. */
export const postWithFetch =
  (endpoint: string, timeoutMs: number, send: typeof fetch = fetch): Post =>
  async (body) => {
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
