import type { ScaleLinear } from 'd3-scale';
import { formatLift, isolate, shorten } from '../text/format.ts';
import { type ForestRow, rowFigures, rowSentence } from './forest-rows.ts';
import { Marker, seriesClass } from './legend.tsx';
import type { GoalAnswer } from '../../shared/contract/answers.ts';
import { metricAbout } from '../text/sentences.ts';
import { Name, VerdictChip } from '../parts/labels.tsx';

interface ForestRowMarkProps {
  row: ForestRow;
  y: number;
  height: number;
  labelWidth: number;
  width: number;
  scale: ScaleLinear<number, number>;
  /** Whether the tab key stops here: it stops at one row, from where arrow keys lead on. */
  reachable: boolean;
  onActive: () => void;
  onLeave: () => void;
}

export function ForestRowMark({
  row,
  y,
  height,
  labelWidth,
  width,
  scale,
  reachable,
  onActive,
  onLeave,
}: ForestRowMarkProps) {
  const { lift, significant, verdict } = row;
  const middle = y + height / 2;
  const tone = significant ? (verdict.kind === 'winning' ? 'good' : 'bad') : 'plain';
  return (
    <g
      class={`forest-row forest-${tone} ${seriesClass(row.variantIndex)}`}
      data-row={row.id}
      role="img"
      aria-label={rowSentence(row)}
      tabIndex={reachable ? 0 : -1}
      onFocus={onActive}
      onBlur={onLeave}
      onPointerEnter={onActive}
    >
      <rect class="forest-back" x="0" y={y} width={width} height={height} rx="4" />
      <Marker variantIndex={row.variantIndex} x={10} y={middle} />
      <VariantLabel name={row.result.variant} x={22} y={middle + 4} width={labelWidth - 34} />
      {lift && <RangeMark row={row} lift={lift} middle={middle} scale={scale} />}
      <text class="forest-value" x={width - 6} y={middle + 4}>
        {lift ? `${signs[tone]}${formatLift(lift.value)}` : verdict.kind === 'invalid' ? 'invalid' : 'needs data'}
      </text>
    </g>
  );
}

const signs = { good: '▲ ', bad: '▼ ', plain: '' };

interface RangeMarkProps {
  row: ForestRow;
  lift: NonNullable<ForestRow['lift']>;
  middle: number;
  scale: ScaleLinear<number, number>;
}

function RangeMark({ row, lift, middle, scale }: RangeMarkProps) {
  const [from = 0, to = 0] = scale.range();
  const at = (value: number) => Math.min(to, Math.max(from, scale(value)));
  const { interval68, interval95 } = lift;
  const [low, high] = [at(interval95.low), at(interval95.high)];
  const cap = (x: number, cut: boolean) => (cut ? null : <line x1={x} x2={x} y1={middle - 5} y2={middle + 5} />);
  return (
    <>
      <g class="whisker">
        <line x1={low} x2={high} y1={middle} y2={middle} />
        {cap(low, scale(interval95.low) < from)}
        {cap(high, scale(interval95.high) > to)}
      </g>
      <rect
        class="bar68"
        x={at(interval68.low)}
        width={at(interval68.high) - at(interval68.low)}
        y={middle - 5}
        height="10"
        rx="2"
      />
      <Marker variantIndex={row.variantIndex} x={at(lift.value)} y={middle} />
    </>
  );
}

/** About how wide a character is, in pixels: SVG text does not wrap or cut itself. */
const CHARACTER = 7;

export function GroupLabel({ goal, y, width }: { goal: GoalAnswer; y: number; width: number }) {
  const label = shorten(goal.label, Math.floor(width / 2 / CHARACTER));
  const about = goal.better === 'lower' ? `${metricAbout(goal)}, lower is better` : metricAbout(goal);
  const room = Math.floor((width - label.length * (CHARACTER + 1)) / (CHARACTER - 1)) - 4;
  return (
    <text class="forest-head" x="0" y={y + 18}>
      <title>{goal.description ?? goal.label}</title>
      {isolate(label)}
      {room > 12 && (
        <tspan class="forest-about" dx="8">
          {shorten(about, room)}
        </tspan>
      )}
    </text>
  );
}

export function VariantLabel({ name, x, y, width }: { name: string; x: number; y: number; width: number }) {
  return (
    <text class="forest-variant" x={x} y={y}>
      {isolate(shorten(name, Math.floor(width / CHARACTER)))}
    </text>
  );
}

/** The figures of the row under the pointer, or of the focused one. The row itself says them to screen readers. */
export function ForestTip({ row, top, width }: { row: ForestRow; top: number; width: number }) {
  return (
    <div class={width < 560 ? 'tip tip-wide' : 'tip'} style={{ top: `${top}px` }} aria-hidden="true">
      <p class="tip-title">
        <Name of={row.result.variant} /> on <Name of={row.goal.label} />
      </p>
      <dl>
        {rowFigures(row).map(({ what, figure }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      <VerdictChip verdict={row.verdict} />
    </div>
  );
}
