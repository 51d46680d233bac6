/** Random choices that a seed repeats. */
export interface Random {
  /** From 0 (included) to 1 (excluded) */
  next: () => number;
  /** From 0 to `limit` - 1 */
  below: (limit: number) => number;
  pick: <T>(list: readonly [T, ...T[]]) => T;
  /** So many hexadecimal digits. */
  hex: (digits: number) => string;
}

/** mulberry32: 32 bits of state are enough to draw a load from. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (list) => list[below(list.length)] ?? list[0],
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(''),
  };
}
