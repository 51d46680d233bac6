import { listOf } from '../state/place.ts';
import { useSession } from '../state/session.tsx';
import { Link, usePlace } from '../state/use-place.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

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
