import type { Warning } from '../../shared/contract/answers.ts';
import { formatCount, pEquation, plural } from '../text/format.ts';
import { Icon } from './icon.tsx';
import { Name } from './labels.tsx';

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

const words: Record<Warning['severity'], string> = { problem: 'Problem', caution: 'Caution', note: 'Note' };

/** What is wrong, why that may be, and what to do. */
export function WarningBanner({ warning }: { warning: Warning }) {
  const { severity, message, cause, cure } = warning;
  return (
    <li class={`banner banner-${severity}`}>
      <Icon name={severity} />
      <div>
        <p class="banner-message" dir="auto">
          <strong>{words[severity]}.</strong> {message}
        </p>
        {warning.arms && <Split warning={warning} arms={warning.arms} />}
        <p class="banner-more" dir="auto">
          {cause} <span class="banner-cure">{cure}</span>
        </p>
      </div>
    </li>
  );
}

function Split({ warning, arms }: { warning: Warning; arms: NonNullable<Warning['arms']> }) {
  return (
    <table class="split">
      <caption>{warning.p === undefined ? 'Participants' : `Participants, ${pEquation(warning.p)}`}</caption>
      <thead>
        <tr>
          <th scope="col">Variant</th>
          <th scope="col">Observed</th>
          <th scope="col">Expected</th>
        </tr>
      </thead>
      <tbody>
        {arms.map(({ variant, observed, expected }) => (
          <tr key={variant}>
            <th scope="row">
              <Name of={variant} />
            </th>
            <td>{formatCount(observed)}</td>
            <td>{formatCount(expected)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
