import { mulberry32 } from '../../../cli/simulate/mulberry32.ts';

/** Random choices that a seed repeats. */
export interface Random {
  /** From 0 up to, but not, 1. */
  next: () => number;
  /** A whole number below `limit`. */
  below: (limit: number) => number;
  chance: (probability: number) => boolean;
  /** One of a list that is not empty. */
  pick: <T>(items: readonly T[]) => T;
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    chance: (probability) => next() < probability,
    pick: <T>(items: readonly T[]) => {
      if (items.length === 0) throw new Error('expected something to choose from, got an empty list');
      return items[Math.floor(next() * items.length)] as T;
    },
  };
}

/** The item at a fraction (0 up to 1) of a list: a choice that still means something when the list has changed. */
export function itemAt<T>(items: readonly T[], fraction: number): T | undefined {
  return items[Math.floor(fraction * items.length)];
}
