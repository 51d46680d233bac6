import { toHex } from './hex.ts';
import { pad } from './pad.ts';

const shifts = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The four round functions of RFC 1321 with the index of the word that each step reads. */
const mix = (round: number, i: number, b: number, c: number, d: number): [mixed: number, word: number] => {
  if (round === 0) return [(b & c) | (~b & d), i];
  if (round === 1) return [(d & b) | (~d & c), (5 * i + 1) % 16];
  if (round === 2) return [b ^ c ^ d, (3 * i + 5) % 16];
  return [c ^ (b | ~d), (7 * i) % 16];
};

const compress = (state: readonly number[], block: DataView, offset: number): number[] => {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const [mixed, word] = mix(round, i, b, c, d);
    const constant = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32);
    const sum = (a + mixed + constant + block.getInt32(offset + word * 4, true)) | 0;
    [a, b, c, d] = [d, (b + rotateLeft(sum, shifts[round]?.[i % 4] ?? 0)) | 0, b, c];
  }
  return [a, b, c, d].map((word, i) => (word + (state[i] ?? 0)) | 0);
};

/** MD5 (RFC 1321) of a text's UTF-8, in hex: what the keys of gitlab-experiment are made with. Not for secrets. */
export const md5 = (text: string): string => {
  const blocks = pad(new TextEncoder().encode(text), true);

  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let offset = 0; offset < blocks.byteLength; offset += 64) state = compress(state, blocks, offset);

  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((word, i) => digest.setInt32(i * 4, word, true));
  return toHex(new Uint8Array(digest.buffer));
};
