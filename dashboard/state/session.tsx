import { createContext, type ComponentChildren } from 'preact';
import { useContext, useMemo, useState } from 'preact/hooks';
import { createApi, type Api } from './api.ts';

/** The key stays in this tab, and is forgotten when it closes. */
const STORED_AS = 'mem-api-key';

interface Session {
  key: string;
  /** Whether the last key was refused. */
  refused: boolean;
  api: Api;
  enter: (key: string) => void;
  leave: () => void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession: expected a SessionProvider above');
  return session;
}

export function SessionProvider({ children }: { children: ComponentChildren }) {
  const [key, setKey] = useState(() => sessionStorage.getItem(STORED_AS) ?? '');
  const [refused, setRefused] = useState(false);

  const session = useMemo(() => {
    const keep = (next: string, wasRefused: boolean) => {
      sessionStorage.setItem(STORED_AS, next);
      setKey(next);
      setRefused(wasRefused);
    };
    return {
      key,
      refused,
      api: createApi(key, () => keep('', true)),
      enter: (next: string) => keep(next, false),
      leave: () => keep('', false),
    };
  }, [key, refused]);

  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}
