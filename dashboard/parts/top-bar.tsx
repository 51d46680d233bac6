import { useEffect, useState } from 'preact/hooks';
import { listOf } from '../state/place.ts';
import { useSession } from '../state/session.tsx';
import { Link, usePlace } from '../state/use-place.tsx';
import { Icon, type IconName } from './icon.tsx';

export function TopBar() {
  const { place } = usePlace();
  const { key, leave } = useSession();
  const list = listOf(place.namespace);
  const planning = place.experiment === null && place.view === 'planner';
  return (
    <header class="top-bar">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Link to={list} class="brand">
        <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
          <path d="M4 12q4-4.8 8 0t8 0 8 0M4 20.5q4-4.8 8 0t8 0 8 0" />
        </svg>
        Mem
      </Link>
      <nav aria-label="Pages">
        <Link to={list} current={place.experiment === null && !planning}>
          Experiments
        </Link>
        <Link to={{ ...list, view: 'planner' }} current={planning}>
          Planner
        </Link>
      </nav>
      <div class="top-bar-end">
        {key !== '' && (
          <button type="button" class="button button-quiet" onClick={leave}>
            Forget key
          </button>
        )}
        <ThemeSwitch />
      </div>
    </header>
  );
}

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const icons: Record<Theme, IconName> = { system: 'system', light: 'sun', dark: 'moon' };
const words: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

export function ThemeSwitch() {
  const [theme, setTheme] = useTheme();
  const label = `Colours: ${words[theme]}. Switch to ${words[next[theme]]}`;
  return (
    <button
      type="button"
      class="button button-icon"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next[theme])}
    >
      <Icon name={icons[theme]} />
    </button>
  );
}

export type Theme = 'system' | 'light' | 'dark';

const STORED_AS = 'mem-theme';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** Light, dark, or as the system has it. A taste of the reader's, so it stays out of the links that are shared. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(
    () => themes.find((one) => one === localStorage.getItem(STORED_AS)) ?? 'system',
  );
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(STORED_AS, theme);
  }, [theme]);
  return [theme, setTheme];
}
