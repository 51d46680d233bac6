import type { ExperimentAnswer, VariantAnswer } from '../../shared/contract/answers.ts';
import { Name } from '../parts/labels.tsx';
import { formatCount, formatShare } from '../text/format.ts';

/** Who took part. Columns that nothing is known for are left out. */
export function ParticipantsTable({ answer }: { answer: ExperimentAnswer }) {
  const { variants, baseline, participantsAre } = answer;
  const total = variants.reduce((sum, { participants }) => sum + participants, 0);
  const most = Math.max(1, ...variants.map(({ participants }) => participants));
  const optional = optionalColumns[participantsAre].filter(({ of }) =>
    variants.some((variant) => of(variant) !== null),
  );
  return (
    <div class="card table-card scrolls" tabIndex={0} role="region" aria-label="Participants of each variant">
      <table class="participants-table">
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col" class="number">
              {participantsAre === 'units' ? 'Visitors' : 'Participants'}
            </th>
            <th scope="col" class="number">
              Share
            </th>
            <th scope="col" class="cell-share-bar">
              <span class="unseen">Share as a bar</span>
            </th>
            {optional.map(({ title }) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {variants.map((variant) => (
            <tr key={variant.name}>
              <th scope="row">
                <Name of={variant.name} />
                {variant.name === baseline && <span class="baseline-mark"> baseline</span>}
                {!variant.compared && <span class="baseline-mark"> not compared</span>}
              </th>
              <td class="number">
                {variant.participants === 0 ? (
                  <span class="soft">nothing received</span>
                ) : (
                  formatCount(variant.participants)
                )}
              </td>
              <td class="number">{total === 0 ? '–' : formatShare(variant.participants / total)}</td>
              <td class="cell-share-bar">
                <svg class="share-bar" width="100%" height="8" aria-hidden="true">
                  <rect class="share-track" width="100%" height="8" rx="4" />
                  <rect class="share-fill" width={`${(variant.participants / most) * 100}%`} height="8" rx="4" />
                </svg>
              </td>
              {optional.map(({ title, of }) => (
                <td key={title} class="number">
                  {formatOrDash(of(variant))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Column {
  title: string;
  of: (variant: VariantAnswer) => number | null;
}

const expected: Column = { title: 'Expected', of: (variant) => variant.expected };
const crossovers: Column = { title: 'Crossovers', of: (variant) => variant.crossovers };

const optionalColumns: Record<ExperimentAnswer['participantsAre'], Column[]> = {
  units: [expected, { title: 'Exposures', of: ({ exposures }) => exposures }, crossovers],
  exposures: [
    expected,
    { title: 'Unique, about', of: ({ approximateUniques }) => approximateUniques },
    { title: 'With a unit', of: ({ units }) => units },
    crossovers,
  ],
};

function formatOrDash(count: number | null): string {
  return count === null ? '–' : formatCount(count);
}
