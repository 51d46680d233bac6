import type { ScaleLinear } from 'd3-scale';
import { formatLift, shortened } from '../text/format.ts';

interface ForestAxisProps {
  scale: ScaleLinear<number, number>;
  top: number;
  bottom: number;
}

/** px that the number at a line takes, with some room around it. */
const LABEL_WIDTH = 44;

export function ForestAxis({ scale, top, bottom }: ForestAxisProps) {
  const [from = 0, to = 0] = scale.range();
  const ticks = scale.ticks(Math.max(3, Math.floor((to - from) / 90)));
  const [first = 0, second = to] = ticks.map(scale);
  const every = second - first < LABEL_WIDTH ? 2 : 1;
  const isLabelled = (i: number) => (i - Math.max(0, ticks.indexOf(0))) % every === 0;
  return (
    <g aria-hidden="true">
      {ticks.map((tick, i) => (
        <g key={tick}>
          <line class={tick === 0 ? 'zero' : 'grid'} x1={scale(tick)} x2={scale(tick)} y1={top} y2={bottom} />
          {isLabelled(i) && (
            <text class={tick === 0 ? 'tick tick-zero' : 'tick'} x={scale(tick)} y={bottom + 18}>
              {tick === 0 ? '0' : shortened(formatLift(tick))}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}
