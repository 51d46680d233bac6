import { useId } from 'preact/hooks';
import type { SeriesAnswer } from '../../shared/contract/answers.ts';
import type { Estimate } from '../../shared/contract/statistics.ts';
import { Name } from '../parts/labels.tsx';
import { formatCount, formatDay, formatLift, formatShare } from '../text/format.ts';

interface DayTableProps {
  series: SeriesAnswer;
  day: number;
  onDay: (day: number) => void;
}

/** The figures of one day. The slider does for the keyboard what the pointer does in the charts. */
export function DayTable({ series, day, onDay }: DayTableProps) {
  const id = useId();
  const text = formatDay(series.days[day] ?? '1970-01-01');
  return (
    <section class="card day-card">
      <div class="day-slider">
        <label for={id}>Day (UTC)</label>
        <input
          id={id}
          type="range"
          min="0"
          max={series.days.length - 1}
          step="1"
          value={day}
          aria-valuetext={text}
          onInput={(event) => onDay(Number(event.currentTarget.value))}
        />
        <output for={id}>{text}</output>
      </div>
      <div class="scrolls" tabIndex={0} role="region" aria-label={`Figures of ${text}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col" class="number">
                Participants that day
              </th>
              {series.goal !== null && (
                <>
                  <th scope="col" class="number">
                    Conversions that day
                  </th>
                  <th scope="col" class="number">
                    Rate so far
                  </th>
                  <th scope="col" class="number">
                    Lift so far
                  </th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {series.variants.map(({ name, participants, conversions, rate, lift }) => (
              <tr key={name}>
                <th scope="row">
                  <Name of={name} />
                </th>
                <td class="number">{formatCount(participants[day] ?? 0)}</td>
                {series.goal !== null && (
                  <>
                    <td class="number">{formatCount(conversions[day] ?? 0)}</td>
                    <td class="number">{rateText(rate[day])}</td>
                    <td class="number">{name === series.baseline ? 'baseline' : liftText(lift[day])}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function rateText(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? '–' : formatShare(rate);
}

function liftText(lift: Estimate | null | undefined): string {
  if (!lift) return '–';
  const end = (value: number | null, without: string) => (value === null ? without : formatLift(value));
  return `${formatLift(lift.value)} (${end(lift.low, 'no lower end')} to ${end(lift.high, 'no upper end')})`;
}
