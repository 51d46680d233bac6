import type { ScaleLinear } from 'd3-scale';
import { formatLift, shortened } from '../text/format.ts';

interface ForestAxisProps {
  scale: ScaleLinear<number, number>;
  top: number;
  bottom: number;
}

export function ForestAxis({ scale, top, bottom }: ForestAxisProps) {
  const [from = 0, to = 0] = scale.range();
  return (
    <g aria-hidden="true">
      {scale.ticks(Math.max(3, Math.floor((to - from) / 90))).map((tick) => (
        <g key={tick}>
          <line class={tick === 0 ? 'zero' : 'grid'} x1={scale(tick)} x2={scale(tick)} y1={top} y2={bottom} />
          <text class={tick === 0 ? 'tick tick-zero' : 'tick'} x={scale(tick)} y={bottom + 18}>
            {tick === 0 ? '0' : shortened(formatLift(tick))}
          </text>
        </g>
      ))}
    </g>
  );
}
