import { formatTime } from '../text/format.ts';

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
