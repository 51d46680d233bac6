export interface Row {
  what: string;
  value: number;
  unit: string;
  /** At most this. */
  target?: number;
  /** What others need, for comparison. */
  others?: string;
}

/** Lays rows out under one head, the numbers right-aligned. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ what, value, unit, target, others = '' }) => [
    what,
    formatNumber(value),
    unit,
    target === undefined ? '' : `≤ ${target}`,
    target === undefined ? '' : `${(value / target).toFixed(2)} ×`,
    others,
  ]);
  const lines = [['figure', 'measured', '', 'target', 'ratio', 'others'], ...cells];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0, ALIGNED_RIGHT.has(column)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const ALIGNED_RIGHT = new Set([1, 3, 4]);

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

/** Three digits that count. */
function formatNumber(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}
