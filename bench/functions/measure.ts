/** The middle one; of an even number, the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = NaN, above = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 ? (below + above) / 2 : above;
}

export interface Work<T> {
  /** How many calls make a round. */
  calls: number;
  /** Makes what a call is given; this is not measured. */
  prepare: () => T;
  call: (input: T) => Promise<unknown>;
}

/** Discarded rounds, for the compiler and the connections, and rounds that count. */
const WARM_UP = 2;
const ROUNDS = 5;

/**
 * CPU time of this process that one call takes, µs, garbage collection included: the median of several rounds of
 * calls, one after another as a Lambda environment makes them.
 */
export async function cpuPerCall<T>({ calls, prepare, call }: Work<T>): Promise<number> {
  const measured: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const inputs = Array.from({ length: calls }, prepare);
    const before = process.cpuUsage();
    for (const input of inputs) await call(input);
    const { user, system } = process.cpuUsage(before);
    measured.push((user + system) / calls);
  }
  return median(measured.slice(WARM_UP));
}
