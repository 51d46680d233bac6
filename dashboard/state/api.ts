import type { Problem } from '../../shared/contract/answers.ts';
import type { Place } from './place.ts';

/** What the server said instead of an answer; status 0 where it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
    /** What the server said beside it. */
    readonly said: Partial<Problem> = {},
  ) {
    super(message);
  }
}

export interface Api {
  get: <T>(path: string, signal?: AbortSignal) => Promise<T>;
  csv: (path: string) => Promise<Blob>;
  /** @param replaced when what is replaced was written, ISO 8601; null for nothing */
  put: (path: string, body: unknown, replaced: string | null) => Promise<void>;
  remove: (path: string) => Promise<void>;
}

/** The report API of the server that this page came from. @throws ApiError */
export function createApi(key: string, onRefusedKey: () => void): Api {
  const ask = async (path: string, options: RequestInit = {}): Promise<Response> => {
    const headers = { 'x-api-key': key, ...(options.body !== undefined && { 'content-type': 'application/json' }) };
    const response = await fetch(path, {
      ...options,
      headers: { ...headers, ...(options.headers as Record<string, string>) },
    }).catch((error: unknown) => {
      if (options.signal?.aborted) throw error;
      throw new ApiError(0, 'The server cannot be reached.');
    });
    if (response.ok) return response;
    if (response.status === 401) onRefusedKey();
    throw await toError(response);
  };

  return {
    get: async <T>(path: string, signal?: AbortSignal) =>
      (await (await ask(path, signal ? { signal } : {})).json()) as T,
    csv: async (path) => (await ask(`${path}&format=csv`)).blob(),
    put: async (path, body, replaced) => {
      await ask(path, { method: 'PUT', body: JSON.stringify(body), headers: { 'if-match': `"${replaced ?? ''}"` } });
    },
    remove: async (path) => {
      await ask(path, { method: 'DELETE' });
    },
  };
}

async function toError(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const problem = (await response.json()) as Problem;
    return new ApiError(status, problem.detail, problem);
  } catch {
    return new ApiError(status, `The server answered ${status}.`);
  }
}

type Query = Record<string, string | null>;

/** A path of the API, relative to the page, so that it also holds below a gateway's stage. */
export function apiPath(route: 'experiments' | 'experiment' | 'series', query: Query): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null);
  return `v1/${route}?${new URLSearchParams(given).toString()}`;
}

type Chosen = Pick<Place, 'namespace' | 'method' | 'baseline' | 'segment' | 'only'>;

export function experimentPath({ namespace, method, baseline, segment, only }: Chosen, experiment: string): string {
  return apiPath('experiment', { experiment, namespace, method, baseline, segment, goal: only });
}

export function seriesPath(
  { namespace, baseline }: Pick<Place, 'namespace' | 'baseline'>,
  experiment: string,
  goal: string | null,
): string {
  return apiPath('series', { experiment, namespace, goal, baseline });
}
