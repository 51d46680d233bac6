import { useState } from 'preact/hooks';
import type { ExperimentAnswer, SeriesAnswer } from '../../shared/contract/answers.ts';
import { Legend } from '../charts/legend.tsx';
import { Choice } from '../parts/fields.tsx';
import { Trouble } from '../parts/freshness.tsx';
import { useAnswer } from '../state/use-answer.ts';
import { usePlace } from '../state/use-place.tsx';
import { seriesPath } from '../state/api.ts';
import { DayTable } from './day-table.tsx';
import { TimeCharts } from './time-charts.tsx';

/** How the experiment came to where it is, by UTC day and for one goal. */
export function TimeView({ answer }: { answer: ExperimentAnswer }) {
  const { place, go } = usePlace();
  const goals = [...new Set(answer.goals.map(({ name }) => name))];
  const goal = place.goal ?? goals[0] ?? null;
  const {
    answer: series,
    error,
    answeredAt,
    refresh,
  } = useAnswer<SeriesAnswer>(seriesPath(place, answer.name, goal), () => 30_000);
  const [chosenDay, setDay] = useState<number | null>(null);

  const { mutedVariants } = place;
  const toggle = (name: string) => {
    const others = mutedVariants.filter((other) => other !== name);
    go({ mutedVariants: others.length < mutedVariants.length ? others : [...mutedVariants, name] }, 'replace');
  };
  const lastDay = (series?.days.length ?? 1) - 1;
  const day = Math.min(lastDay, chosenDay ?? lastDay);
  return (
    <>
      {error && <Trouble error={error} since={series && answeredAt} retry={refresh} />}
      {series && series.days.length > 0 && (
        <>
          <div class="toolbar">
            {goal !== null && (
              <Choice
                label="Goal"
                value={goal}
                options={goals.map((name) => ({ value: name, label: name }))}
                onChoose={(name) => go({ goal: name })}
              />
            )}
            <Legend variants={series.variants.map(({ name }) => name)} muted={mutedVariants} onToggle={toggle} />
            <p class="toolbar-note">
              Days are UTC, and of all visitors. The last day may not be over.
              {answer.imported && ' Imported counts have no days.'}
            </p>
          </div>
          <TimeCharts series={series} muted={mutedVariants} day={day} onDay={setDay} name={answer.name} />
          <DayTable series={series} day={day} onDay={setDay} />
        </>
      )}
      {series?.days.length === 0 && (
        <p class="card empty">No day has been counted yet.{answer.imported && ' Imported counts have none.'}</p>
      )}
    </>
  );
}
