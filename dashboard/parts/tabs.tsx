import type { ComponentChildren } from 'preact';
import type { Place } from '../state/place.ts';
import { Link } from '../state/use-place.tsx';

export interface Tab {
  key: string;
  label: ComponentChildren;
  to: Place;
  current: boolean;
}

/** Tabs are links: each has a URL, opens in another browser tab, and needs no keys of its own. */
export function Tabs({ label, tabs, small = false }: { label: string; tabs: readonly Tab[]; small?: boolean }) {
  return (
    <nav class={small ? 'tabs tabs-small' : 'tabs'} aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.key} to={tab.to} current={tab.current} class="tab">
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
