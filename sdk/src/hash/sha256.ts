import { pad } from './pad.ts';

interface Constants {
  readonly initial: readonly number[];
  readonly rounds: readonly number[];
}

let constants: Constants | undefined;

/**
 * The constants are the first 32 bits of the fractions of the primes' roots (FIPS 180-4, 4.2.2 and 5.3.3): computing
 * them is shorter than writing 72 of them down.
 */
const computeConstants = (): Constants => {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime > 0)) primes.push(n);
  const fractions = (exponent: number): number[] => primes.map((prime) => (prime ** exponent * 2 ** 32) | 0);

  return { initial: fractions(1 / 2).slice(0, 8), rounds: fractions(1 / 3) };
};

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

const scheduleWords = (blocks: DataView, offset: number): number[] => {
  const words: number[] = [];
  const word = (i: number): number => words[i] ?? 0;
  for (let i = 0; i < 16; i++) words.push(blocks.getInt32(offset + i * 4));
  for (let i = 16; i < 64; i++) {
    const early = word(i - 15);
    const late = word(i - 2);
    const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    words.push((word(i - 16) + small0 + word(i - 7) + small1) | 0);
  }
  return words;
};

const compress = (state: readonly number[], words: readonly number[], rounds: readonly number[]): number[] => {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  words.forEach((word, i) => {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = h + big1 + ((e & f) ^ (~e & g)) + (rounds[i] ?? 0) + word;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = big0 + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  });
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + (state[i] ?? 0)) | 0);
};

/** SHA-256 (FIPS 180-4). Synchronous: a key is needed before the page is painted, and WebCrypto has only promises. */
export const sha256 = (message: Uint8Array): Uint8Array => {
  const { initial, rounds } = (constants ??= computeConstants());
  const blocks = pad(message, false);

  let state = [...initial];
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    state = compress(state, scheduleWords(blocks, offset), rounds);
  }

  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setInt32(i * 4, word));
  return new Uint8Array(digest.buffer);
};
