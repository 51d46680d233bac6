import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { SeriesAnswer, VariantSeries } from '../../shared/contract/answers.ts';
import { percent } from '../../shared/contract/figures.ts';
import { DayBars } from '../charts/day-bars.tsx';
import { TimeChart, type TimeLine } from '../charts/time-chart.tsx';
import { formatLift, formatShare } from '../text/format.ts';
import { ImageMenu } from '../charts/image-menu.tsx';

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
  const level = percent(1 - series.alpha);
  return (
    <div class="time-charts">
      {series.goal !== null && (
        <>
          {isUnknownByDay(series) && (
            <p class="soft">
              No rate and no lift by day: visitors are exposed or reach this goal more than once, and by day only events
              are counted. The results above count each visitor once.
            </p>
          )}
          <ChartCard
            title="Lift, cumulative"
            note={`With a ${level} band, safe under continuous monitoring.`}
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

function isUnknownByDay({ variants }: SeriesAnswer): boolean {
  return (
    variants.some(({ participants }) => participants.some((count) => count > 0)) &&
    variants.every(({ rate }) => rate.every((value) => value === null))
  );
}

interface ChartCardProps {
  title: string;
  note: string;
  /** Of the saved picture. */
  name: string;
  children: ComponentChildren;
}

export function ChartCard({ title, note, name, children }: ChartCardProps) {
  const card = useRef<HTMLElement>(null);
  return (
    <section class="card chart-card" ref={card}>
      <div class="chart-head">
        <div>
          <h2>{title}</h2>
          <p class="soft">{note}</p>
        </div>
        <ImageMenu card={card} name={name} />
      </div>
      {children}
    </section>
  );
}
