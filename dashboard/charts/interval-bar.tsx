import type { ScaleLinear } from 'd3-scale';
import type { Ends } from './extent.ts';
import { formatLift, shortened } from '../text/format.ts';

interface IntervalBarProps {
  /** From a lift to a percentage of the width. */
  scale: ScaleLinear<number, number>;
  /** Null draws the zero line alone. */
  interval: Ends | null;
  tone: 'good' | 'bad' | 'plain';
  sentence: string;
}

/** One interval on the axis of its table. All positions are percentages, so it needs no measuring. */
export function IntervalBar({ scale, interval, tone, sentence }: IntervalBarProps) {
  return (
    <svg class={`interval interval-${tone}`} role="img" aria-label={sentence}>
      {scale.ticks(4).map((tick) => (
        <line key={tick} class="grid" x1={at(scale(tick))} x2={at(scale(tick))} y1="0" y2="100%" />
      ))}
      <line class="zero" x1={at(scale(0))} x2={at(scale(0))} y1="0" y2="100%" />
      {interval && (
        <svg class="overflowing" y="50%">
          <Bar scale={scale} interval={interval} />
        </svg>
      )}
    </svg>
  );
}

function Bar({ scale, interval: { value, low, high } }: { scale: ScaleLinear<number, number>; interval: Ends }) {
  const [left, right] = [positionOf(low, 0, scale), positionOf(high, 100, scale)];
  return (
    <>
      <rect class="bar" x={at(left.at)} width={at(Math.max(0, right.at - left.at))} y="-5" height="10" rx="2" />
      {left.cut && <Arrow x="0%" path="M8-9 1 0 8 9z" />}
      {right.cut && <Arrow x="100%" path="M-8-9-1 0-8 9z" />}
      <circle class="point" cx={at(clamp(scale(value)))} cy="0" r="4.5" />
    </>
  );
}

/** The interval goes on beyond the axis. */
function Arrow({ x, path }: { x: string; path: string }) {
  return (
    <svg x={x} class="overflowing">
      <path class="arrow" d={path} />
    </svg>
  );
}

function positionOf(end: number | null, edge: number, scale: ScaleLinear<number, number>) {
  const place = end === null ? edge : clamp(scale(end));
  return { at: place, cut: end === null || place !== scale(end) };
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

function at(percent: number): string {
  return `${percent.toFixed(3)}%`;
}

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
