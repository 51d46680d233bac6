import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { useSession } from './session.tsx';

export interface Answered<T> {
  /** The last good answer, maybe of the path before. */
  answer: T | null;
  /** Whether `answer` is of another path than the one asked for now. */
  outdated: boolean;
  /** Why the last attempt failed; the answer before it stays. */
  error: ApiError | null;
  /** ms since 1970 */
  answeredAt: number | null;
  /** Asks again at once. */
  refresh: () => void;
}

/**
 * Keeps the answer of a path fresh: asks again after `every` milliseconds, and when the tab is looked at again. A
 * hidden tab asks nothing.
 */
export function useAnswer<T>(
  path: string | null,
  every: (answer: T | null, error: ApiError | null) => number,
): Answered<T> {
  const { api } = useSession();
  const [state, setState] = useState<{ path: string; answer: T; at: number } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const pace = useRef(every);
  pace.current = every;
  const askNow = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: T | null = null;
    let trouble: ApiError | null = null;
    let asking = false;

    const ask = async () => {
      if (asking || document.hidden) return;
      asking = true;
      clearTimeout(timer);
      try {
        last = await api.get<T>(path, abort.signal);
        trouble = null;
        setState({ path, answer: last, at: Date.now() });
      } catch (failure) {
        if (abort.signal.aborted) return;
        trouble = failure instanceof ApiError ? failure : new ApiError(0, 'The answer cannot be read.');
      } finally {
        asking = false;
      }
      setError(trouble);
      timer = setTimeout(() => void ask(), pace.current(last, trouble));
    };
    const askAgain = () => void ask();

    askNow.current = askAgain;
    askAgain();
    document.addEventListener('visibilitychange', askAgain);
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', askAgain);
    };
  }, [path, api]);

  return {
    answer: state?.answer ?? null,
    outdated: state !== null && state.path !== path,
    error,
    answeredAt: state?.at ?? null,
    refresh: useCallback(() => askNow.current(), []),
  };
}
