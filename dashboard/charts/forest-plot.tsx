import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { useRef, useState } from 'preact/hooks';
import { formatLift, plural, shortened } from '../text/format.ts';
import { sharedExtent } from './extent.ts';
import { ForestRowMark, ForestTip, GroupLabel } from './forest-row.tsx';
import type { ForestGroup, ForestRow } from './forest-rows.ts';
import { useWidth } from './use-width.ts';

const HEADER = 26;
const ROW = 24;
const GROUP_GAP = 8;
const AXIS = 26;

interface ForestPlotProps {
  title: string;
  groups: readonly ForestGroup[];
  /** Fade what is not significant. */
  highlight: boolean;
}

/**
 * Relative differences of all metrics: bars 68 %, whiskers 95 %, as seen in one look. The rows can be walked through
 * with the arrow keys, each saying its figures.
 */
export function ForestPlot({ title, groups, highlight }: ForestPlotProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const [active, setActive] = useState<string | null>(null);
  const svg = useRef<SVGSVGElement>(null);

  const rows = groups.flatMap((group) => group.rows);
  const placed = placeRows(groups);
  const left = (width ?? 0) < 560 ? 84 : 170;
  const right = (width ?? 0) < 560 ? 84 : 96;
  const plotWidth = Math.max(60, (width ?? 0) - left - right);
  const intervals = rows.flatMap(({ lift }) => (lift ? [{ value: lift.value, ...lift.interval95 }] : []));
  const scale = scaleLinear()
    .domain(sharedExtent(intervals))
    .range([left, left + plotWidth]);

  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') setActive(null);
    if (step === undefined) return;
    event.preventDefault();
    const index = rows.findIndex(({ id }) => id === active);
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + step))];
    if (next) svg.current?.querySelector<SVGGElement>(`[data-row="${CSS.escape(next.id)}"]`)?.focus();
  };

  const tip = placed.rows.find(({ row }) => row.id === active);
  return (
    <div class="chart-frame" ref={frame}>
      {width !== null && (
        <svg
          ref={svg}
          class={highlight ? 'forest forest-highlight' : 'forest'}
          width={width}
          height={placed.height + AXIS}
          role="group"
          aria-label={`${title}: ${plural(rows.length, 'relative difference')}. Arrow keys go from one to the next.`}
          onKeyDown={walk}
          onPointerLeave={() => setActive(null)}
        >
          <ForestAxis scale={scale} top={HEADER - 6} bottom={placed.height} />
          {placed.heads.map(({ group, y }) => (
            <GroupLabel key={group.goal.id} goal={group.goal} y={y} width={width} />
          ))}
          {placed.rows.map(({ row, y }, index) => (
            <ForestRowMark
              key={row.id}
              row={row}
              y={y}
              height={ROW}
              labelWidth={left}
              width={width}
              scale={scale}
              reachable={active === null ? index === 0 : row.id === active}
              onActive={() => setActive(row.id)}
              onLeave={() => setActive(null)}
            />
          ))}
        </svg>
      )}
      {tip && width !== null && <ForestTip row={tip.row} top={tip.y + ROW} width={width} />}
    </div>
  );
}

function placeRows(groups: readonly ForestGroup[]) {
  const heads: { group: ForestGroup; y: number }[] = [];
  const rows: { row: ForestRow; y: number }[] = [];
  let y = 0;
  for (const group of groups) {
    heads.push({ group, y });
    y += HEADER;
    for (const row of group.rows) {
      rows.push({ row, y });
      y += ROW;
    }
    y += GROUP_GAP;
  }
  return { heads, rows, height: y };
}

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
