import type { Warning } from '../../shared/contract/answers.ts';
import { plural } from '../text/format.ts';
import { WarningBanner } from './warning-banner.tsx';

/** Problems and cautions in full; what is only good to know waits behind one line. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  const urgent = warnings.filter(({ severity }) => severity !== 'note');
  const notes = warnings.filter(({ severity }) => severity === 'note');
  if (warnings.length === 0) return null;
  return (
    <section class="warnings" aria-label="Health of the experiment">
      <ul>{urgent.map(toBanner)}</ul>
      {notes.length > 0 && (
        <details class="notes">
          <summary>{plural(notes.length, 'note')}</summary>
          <ul>{notes.map(toBanner)}</ul>
        </details>
      )}
    </section>
  );
}

function toBanner(warning: Warning, index: number) {
  return <WarningBanner key={index} warning={warning} />;
}
