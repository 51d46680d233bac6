import { formatTime } from '../text/format.ts';
import type { ApiError } from '../state/api.ts';
import { Icon } from './icon.tsx';

/** When the figures came: the page renews them by itself. */
export function Freshness({ at }: { at: number | null }) {
  if (at === null) return null;
  const iso = new Date(at).toISOString();
  return (
    <p class="freshness">
      As of <time dateTime={iso}>{formatTime(iso)}</time>. Refreshes by itself.
    </p>
  );
}

interface TroubleProps {
  error: ApiError;
  /** Since when the figures on the page have not been renewed, in ms; null where there are none. */
  since: number | null;
  retry: () => void;
}

/** The last answer was an error. Figures that are there stay, with their time. */
export function Trouble({ error, since, retry }: TroubleProps) {
  return (
    <div class="banner banner-caution" role="alert">
      <Icon name="caution" />
      <div>
        <p class="banner-message" dir="auto">
          <strong>{error.message}</strong>
        </p>
        <p class="banner-more">
          {since !== null && `The figures below are of ${formatTime(new Date(since).toISOString())}. `}
          The page tries again by itself.
        </p>
      </div>
      <button type="button" class="button" onClick={retry}>
        Try now
      </button>
    </div>
  );
}
