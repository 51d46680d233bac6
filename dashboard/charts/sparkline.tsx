import { max } from 'd3-array';
import { area, line } from 'd3-shape';
import { formatCount } from '../text/format.ts';

const WIDTH = 120;
const HEIGHT = 28;
const PADDING = 3;
/** A month is what a row has room for. */
const LAST_DAYS = 30;

/** Participants a day as a line without axes. The last day is not over, so it is a dot of its own. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const shown = values.slice(-LAST_DAYS);
  const highest = Math.max(1, max(shown) ?? 1);
  const step = (WIDTH - 2 * PADDING) / Math.max(1, shown.length - 1);
  const x = (_: number, day: number) => (shown.length === 1 ? WIDTH / 2 : PADDING + day * step);
  const y = (value: number) => HEIGHT - PADDING - (value / highest) * (HEIGHT - 2 * PADDING);
  const last = shown.length - 1;
  const label = `Participants a day: ${formatCount(shown[last] ?? 0)} on the last day, at most ${formatCount(highest)}`;
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <path
        class="sparkline-area"
        d={
          area<number>()
            .x(x)
            .y0(HEIGHT - PADDING)
            .y1(y)(shown) ?? ''
        }
      />
      <path class="sparkline-line" d={line<number>().x(x).y(y)(shown) ?? ''} />
      <circle class="sparkline-dot" cx={x(0, last)} cy={y(shown[last] ?? 0)} r="2.5" />
    </svg>
  );
}
