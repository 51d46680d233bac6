import { mulberry32 } from '../../cli/simulate/mulberry32.ts';

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

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (list) => list[below(list.length)] ?? list[0],
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(''),
  };
}
