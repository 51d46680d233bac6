import { createContext, type ComponentChildren } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';
import { readPlace, writePlace, type Place } from './place.ts';

interface Navigation {
  place: Place;
  /** `replace` for what is typed or toggled often, so that Back leaves the page and not each letter. */
  go: (change: Partial<Place>, how?: 'push' | 'replace') => void;
}

const NavigationContext = createContext<Navigation>({ place: readPlace(''), go: () => undefined });

export function usePlace(): Navigation {
  return useContext(NavigationContext);
}

export function PlaceProvider({ children }: { children: ComponentChildren }) {
  const [place, setPlace] = useState(() => readPlace(location.search));

  useEffect(() => {
    const follow = () => setPlace(readPlace(location.search));
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);

  const go = useCallback((change: Partial<Place>, how: 'push' | 'replace' = 'push') => {
    const before = readPlace(location.search);
    const after = { ...before, ...change };
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', writePlace(after));
    setPlace(after);
    if (after.experiment !== before.experiment) scrollTo(0, 0);
  }, []);

  return <NavigationContext.Provider value={{ place, go }}>{children}</NavigationContext.Provider>;
}

interface LinkProps {
  to: Place;
  class?: string;
  current?: boolean;
  children: ComponentChildren;
}

/** A real link, which can be opened in another tab; a plain click changes the page in place. */
export function Link({ to, current, children, ...rest }: LinkProps) {
  const { go } = usePlace();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a {...rest} href={writePlace(to)} onClick={follow} {...(current && { 'aria-current': 'page' })}>
      {children}
    </a>
  );
}
