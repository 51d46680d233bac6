import { scaleLinear } from 'd3-scale';
import { plural, shortened } from '../text/format.ts';
import { isolate } from '../text/isolate.ts';
import { timeExtent, type Band } from './time-extent.ts';
import { TimeAxes } from './time-axes.tsx';
import { TimeLines } from './time-lines.tsx';
import { useWidth } from './use-width.ts';

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
