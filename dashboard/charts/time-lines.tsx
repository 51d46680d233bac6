import type { ScaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { Marker } from './marker.tsx';
import { seriesClass } from './series-class.ts';
import type { TimeLine } from './time-chart.tsx';

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
