import { max, sum } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { formatCompact, formatCount, isolate, plural } from '../text/format.ts';
import { seriesClass } from './legend.tsx';
import { TimeAxes } from './time-axes.tsx';
import type { TimeLine } from './time-chart.tsx';
import { useWidth } from './use-width.ts';

interface DayBarsProps {
  title: string;
  days: readonly string[];
  lines: readonly TimeLine[];
  day: number;
  onDay: (day: number) => void;
}

const HEIGHT = 200;
const TOP = 10;
const BOTTOM = 26;
const LEFT = 48;

/** Counts of each day, stacked: what is seen is the whole day, and whether one variant misses some of it. */
export function DayBars({ title, days, lines, day, onDay }: DayBarsProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const totals = days.map((_, index) => sum(lines, ({ values }) => values[index] ?? 0));
  const y = scaleLinear()
    .domain([0, Math.max(1, max(totals) ?? 1)])
    .nice(4)
    .range([HEIGHT - BOTTOM, TOP]);
  const step = Math.max(1, (width ?? 0) - LEFT) / Math.max(1, days.length);
  const thickness = Math.min(36, Math.max(1, step * 0.72));
  const x = scaleLinear()
    .domain([0, 1])
    .range([LEFT + step / 2, LEFT + step * 1.5]);
  const label = `${title} over ${plural(days.length, 'day')}: ${lines
    .map(({ name, values }) => `${isolate(name)} ${formatCount(sum(values, (value) => value ?? 0))}`)
    .join(', ')} in all. The table below has the figures of each day.`;
  return (
    <div class="chart-frame" ref={frame}>
      {width !== null && width > 0 && (
        <svg class="time-chart" width={width} height={HEIGHT} role="img" aria-label={label}>
          <TimeAxes x={x} y={y} days={days} format={formatCompact} withZero left={LEFT} right={width} />
          {days.map((name, index) => (
            <g
              key={name}
              class={index === day ? 'day-now' : undefined}
              onPointerEnter={() => onDay(index)}
              onPointerDown={() => onDay(index)}
            >
              <rect class="forest-back" x={LEFT + index * step} width={step} y={TOP} height={HEIGHT - TOP - BOTTOM} />
              {stack(lines, index).map(({ line, from, to }) => (
                <rect
                  key={line.name}
                  class={`day-bar ${seriesClass(line.variantIndex)}`}
                  x={x(index) - thickness / 2}
                  width={thickness}
                  y={y(to)}
                  height={Math.max(0, y(from) - y(to))}
                />
              ))}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

function stack(lines: readonly TimeLine[], day: number) {
  let from = 0;
  return lines.map((line) => {
    const bottom = from;
    from += line.values[day] ?? 0;
    return { line, from: bottom, to: from };
  });
}
