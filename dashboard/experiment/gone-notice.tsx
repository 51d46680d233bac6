import { Icon } from '../parts/icon.tsx';
import { Name } from '../parts/labels.tsx';
import type { Gone } from '../state/use-living-link.ts';

/** The link that was followed named what the experiment does not have: said, and shown without it. */
export function GoneNotice({ gone }: { gone: readonly Gone[] }) {
  if (gone.length === 0) return null;
  return (
    <div class="banner banner-caution" role="status">
      <Icon name="note" />
      <div>
        {gone.map(({ kind, name }) => (
          <p key={`${kind} ${name}`} class="banner-message">
            This link named the {kind} <Name of={name} />, which this experiment does not have, or not any more.
          </p>
        ))}
        <p class="banner-more">The page shows the experiment without it.</p>
      </div>
    </div>
  );
}
