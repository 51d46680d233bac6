export interface Ends {
  value: number;
  /** Null where an end lies at infinity. */
  low: number | null;
  high: number | null;
}

/**
 * The axis that a set of intervals shares: zero and every estimate are on it, and most intervals as a whole. A few very
 * wide ones are cut (and drawn with an arrow), or they would squeeze all others into a dot.
 */
export function sharedExtent(intervals: readonly Ends[]): [number, number] {
  const values = intervals.map(({ value }) => value);
  const ends = intervals.flatMap(({ low, high }) => [low, high]).filter((end): end is number => end !== null);
  const lengths = ends.map(Math.abs).sort((a, b) => a - b);
  const typical = lengths[Math.floor(lengths.length / 2)] ?? 0;
  const longest = Math.max(3 * typical, 1.15 * Math.max(0, ...values.map(Math.abs)));
  const low = Math.max(-longest, Math.min(0, ...ends, ...values));
  const high = Math.min(longest, Math.max(0, ...ends, ...values));
  if (low === high) return [-0.1, 0.1];
  // Room on both sides of zero, so that a reader sees which side is which.
  const room = partOf(high - low, 0.12);
  return [Math.min(low - room / 2, -room), Math.max(high + room / 2, room)];
}

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
  if (low === 0) return [0, 1];
  // A flat line gets room around it.
  const room = partOf(Math.abs(low), 0.5);
  return [low - room, high + room];
}

/** Of the smallest numbers that there are no part is left. */
function partOf(length: number, share: number): number {
  return share * length || Number.MIN_VALUE;
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}
