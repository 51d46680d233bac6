import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { isolate, plural, shortened } from '../text/format.ts';
import { type Band, timeExtent } from './extent.ts';
import { TimeAxes } from './time-axes.tsx';
import { useWidth } from './use-width.ts';
import { Marker, seriesClass } from './legend.tsx';

export interface TimeLine {
  name: string;
  variantIndex: number;
  /** One for each day; null where there is none. */
  values: readonly (number | null)[];
  band?: readonly (Band | null)[];
}

interface TimeChartProps {
  title: string;
  days: readonly string[];
  lines: readonly TimeLine[];
  format: (value: number) => string;
  /** Whether zero belongs on the axis. */
  withZero?: boolean;
  /** The day that is looked at. */
  day: number;
  onDay: (day: number) => void;
}

const HEIGHT = 240;
const TOP = 10;
const BOTTOM = 26;
const RIGHT = 12;

export function TimeChart({ title, days, lines, format, withZero = false, day, onDay }: TimeChartProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const extent = timeExtent(lines, withZero);
  const y = scaleLinear()
    .domain(extent)
    .nice(4)
    .range([HEIGHT - BOTTOM, TOP]);
  const left = 12 + 7 * Math.max(...y.ticks(4).map((tick) => shortened(format(tick)).length));
  const x = scaleLinear()
    .domain([0, Math.max(1, days.length - 1)])
    .range([left, (width ?? 0) - RIGHT]);

  const follow = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (box) onDay(Math.min(days.length - 1, Math.max(0, Math.round(x.invert(event.clientX - box.left)))));
  };
  return (
    <div class="chart-frame" ref={frame}>
      {width !== null && width > 0 && (
        <svg
          class="time-chart"
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={summary(title, days, lines, format)}
          onPointerMove={follow}
          onPointerDown={follow}
        >
          <TimeAxes x={x} y={y} days={days} format={format} withZero={withZero} left={left} right={width - RIGHT} />
          <line class="cursor" x1={x(day)} x2={x(day)} y1={TOP} y2={HEIGHT - BOTTOM} />
          <TimeLines lines={lines} x={x} y={y} day={day} />
        </svg>
      )}
    </div>
  );
}

function summary(
  title: string,
  days: readonly string[],
  lines: readonly TimeLine[],
  format: (value: number) => string,
): string {
  const ends = lines.map(({ name, values }) => {
    const last = values.findLast((value) => value !== null) ?? null;
    return `${isolate(name)} ${last === null ? 'without a value' : format(last)}`;
  });
  return `${title} over ${plural(days.length, 'day')}, at the end: ${ends.join(', ')}. The table below has the figures of each day.`;
}

interface TimeLinesProps {
  lines: readonly TimeLine[];
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  day: number;
}

/** Lines with their bands, cut at the edge of the chart; gaps where there is no value. */
export function TimeLines({ lines, x, y, day }: TimeLinesProps) {
  const [bottom = 0, top = 0] = y.range();
  const within = (value: number | null, beyond: number) =>
    value === null ? beyond : Math.min(bottom, Math.max(top, y(value)));
  return (
    <>
      {lines.map(({ name, variantIndex, values, band }) => {
        const toBand = area<NonNullable<typeof band>[number]>()
          .defined((one) => one !== null)
          .x((_, index) => x(index))
          .y0((one) => within(one?.low ?? null, bottom))
          .y1((one) => within(one?.high ?? null, top));
        const toLine = line<number | null>()
          .defined((value) => value !== null)
          .x((_, index) => x(index))
          .y((value) => within(value, bottom));
        const now = values[day] ?? null;
        return (
          <g key={name} class={seriesClass(variantIndex)}>
            {band && <path class="band" d={toBand([...band]) ?? ''} />}
            <path class="line" d={toLine([...values]) ?? ''} />
            {now !== null && <Marker variantIndex={variantIndex} x={x(day)} y={within(now, bottom)} />}
          </g>
        );
      })}
    </>
  );
}
