import { Name } from '../parts/name.tsx';
import { VerdictChip } from '../parts/verdict-chip.tsx';
import type { ForestRow } from './forest-rows.ts';
import { rowFigures } from './forest-sentence.ts';

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
