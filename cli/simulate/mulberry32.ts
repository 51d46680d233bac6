// Millions of draws: a local name is much faster than a look-up in the global object of a test's sandbox.
const { imul } = Math;

/** A seeded source of numbers from 0 up to, but not, 1: 32 bits of state are enough for what is made up from it. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
