export interface Band {
  low: number | null;
  high: number | null;
}

interface Drawn {
  values: readonly (number | null)[];
  band?: readonly (Band | null)[];
}

/**
 * What the axis covers: every value, and the bands but for their first days, which are so wide that nothing else would
 * be seen (those run out of the chart).
 */
export function timeExtent(lines: readonly Drawn[], withZero: boolean): [number, number] {
  const values = lines.flatMap((line) => line.values).filter(isNumber);
  const ends = lines.flatMap(({ band = [] }) => band.flatMap((one) => [one?.low, one?.high])).filter(isNumber);
  ends.sort((a, b) => a - b);
  const bulk = [0.1, 0.9].map((share) => ends[Math.round(share * (ends.length - 1))]).filter(isNumber);
  const shown = [...values, ...bulk, ...(withZero ? [0] : [])];
  if (shown.length === 0) return [0, 1];
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  if (low !== high) return [low, high];
  // A flat line gets room around it.
  return low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}
