import type { ScaleLinear } from 'd3-scale';
import { formatLift, shortened } from '../text/format.ts';

/** The numbers above a column of interval bars. Each bar says its own, so this is for the eye alone. */
export function IntervalAxis({ scale }: { scale: ScaleLinear<number, number> }) {
  return (
    <svg class="interval-axis" width="100%" height="16" aria-hidden="true">
      {scale.ticks(4).map((tick) => (
        <text key={tick} class={tick === 0 ? 'tick tick-zero' : 'tick'} x={`${scale(tick).toFixed(3)}%`} y="12">
          {tick === 0 ? '0' : shortened(formatLift(tick))}
        </text>
      ))}
    </svg>
  );
}
