import type { SeriesAnswer, VariantSeries } from '../../shared/contract/answers.ts';
import { DayBars } from '../charts/day-bars.tsx';
import { TimeChart, type TimeLine } from '../charts/time-chart.tsx';
import { formatLift, formatShare } from '../text/format.ts';
import { ChartCard } from './chart-card.tsx';

interface TimeChartsProps {
  series: SeriesAnswer;
  muted: readonly string[];
  day: number;
  onDay: (day: number) => void;
  name: string;
}

export function TimeCharts({ series, muted, day, onDay, name }: TimeChartsProps) {
  const shown = series.variants
    .map((variant, index) => ({ variant, index }))
    .filter(({ variant }) => !muted.includes(variant.name));
  const lines = (toLine: (variant: VariantSeries) => Pick<TimeLine, 'values' | 'band'>): TimeLine[] =>
    shown.map(({ variant, index }) => ({ name: variant.name, variantIndex: index, ...toLine(variant) }));
  const common = { days: series.days, day, onDay };
  const rates = lines(({ rate }) => ({ values: rate }));
  const lifts = lines(({ lift }) => ({ values: lift.map((one) => one?.value ?? null), band: lift })).filter(
    ({ name: variant }) => variant !== series.baseline,
  );
  const level = Number(((1 - series.alpha) * 100).toPrecision(3));
  return (
    <div class="time-charts">
      {series.goal !== null && (
        <>
          <ChartCard
            title="Lift, cumulative"
            note={`With a ${level} % band that may be looked at every day.`}
            name={`${name} lift`}
          >
            <TimeChart {...common} title="Cumulative lift" lines={lifts} format={formatLift} withZero />
          </ChartCard>
          <ChartCard
            title="Rate, cumulative"
            note="All conversions so far over all participants so far."
            name={`${name} rate`}
          >
            <TimeChart {...common} title="Cumulative rate" lines={rates} format={formatShare} />
          </ChartCard>
        </>
      )}
      <ChartCard
        title="Participants a day"
        note="New participants on each UTC day, one variant on top of the other."
        name={`${name} participants`}
      >
        <DayBars
          {...common}
          title="Participants a day"
          lines={lines(({ participants }) => ({ values: participants }))}
        />
      </ChartCard>
    </div>
  );
}
