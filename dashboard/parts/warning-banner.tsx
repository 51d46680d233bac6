import type { Warning } from '../../shared/contract/answers.ts';
import { formatCount, pEquation } from '../text/format.ts';
import { Icon } from './icon.tsx';
import { Name } from './name.tsx';

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
