import type { ScaleLinear } from 'd3-scale';
import { formatDay, shortened } from '../text/format.ts';

interface TimeAxesProps {
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  days: readonly string[];
  format: (value: number) => string;
  withZero: boolean;
  /** Where the chart begins and ends. */
  left: number;
  right: number;
}

/** How many pixels a date takes, with some air. */
const DATE = 64;

export function TimeAxes({ x, y, days, format, withZero, left, right }: TimeAxesProps) {
  const [bottom = 0] = y.range();
  const step = Math.max(1, Math.ceil((days.length * DATE) / Math.max(DATE, right - left)));
  return (
    <g aria-hidden="true">
      {y.ticks(4).map((tick) => (
        <g key={tick}>
          <line class={tick === 0 && withZero ? 'zero' : 'grid'} x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text class="tick tick-y" x={left - 8} y={y(tick) + 4}>
            {shortened(format(tick))}
          </text>
        </g>
      ))}
      {days.map((day, index) =>
        index % step === 0 ? (
          <text key={day} class={x(index) - left < DATE / 2 ? 'tick tick-first' : 'tick'} x={x(index)} y={bottom + 20}>
            {formatDay(day)}
          </text>
        ) : null,
      )}
    </g>
  );
}
