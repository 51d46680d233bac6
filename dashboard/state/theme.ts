import { useEffect, useState } from 'preact/hooks';

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
