import { InvalidContextError } from '../errors.ts';
import { toHex, utf8 } from './sha256.ts';

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = (value as { toString: () => string }).toString();
  if (text === '[object Object]') {
    throw new InvalidContextError(
      'Expected values that have a text of their own in a gitlab-experiment key, got an object.',
    );
  }
  return text;
}

/**
 * The key that gitlab-experiment 0.2.0 makes: names and values in insertion order. It collides ({a: 'x', b: 'y'} and
 * {a: 'b|x|y'}), so it is for moving a running experiment over. JavaScript puts names that are whole numbers first.
 */
export function legacyKey(context: object): string {
  return md5([...Object.keys(context), ...Object.values(context).map(toText)].join('|'));
}

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** The four round functions of RFC 1321 with the index of the word that each step reads. */
function mix(round: number, i: number, b: number, c: number, d: number): [mixed: number, word: number] {
  if (round === 0) return [(b & c) | (~b & d), i];
  if (round === 1) return [(d & b) | (~d & c), (5 * i + 1) % 16];
  if (round === 2) return [b ^ c ^ d, (3 * i + 5) % 16];
  return [c ^ (b | ~d), (7 * i) % 16];
}

function compress(state: readonly number[], block: DataView, offset: number): number[] {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const [mixed, word] = mix(round, i, b, c, d);
    const constant = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32);
    const sum = (a + mixed + constant + block.getInt32(offset + word * 4, true)) | 0;
    [a, b, c, d] = [d, (b + rotateLeft(sum, SHIFTS[round]?.[i % 4] ?? 0)) | 0, b, c];
  }
  return [a, b, c, d].map((word, i) => (word + (state[i] ?? 0)) | 0);
}

/** The message, a one bit, zeros, and the length in bits, to a multiple of 64 bytes. */
function pad(message: readonly number[]): DataView {
  const padded = new Uint8Array((((message.length + 8) >> 6) << 6) + 64);
  padded.set(message);
  padded[message.length] = 0x80;

  const view = new DataView(padded.buffer);
  // In 64 bits, of which the upper ones are 0 below half a gigabyte.
  view.setUint32(padded.length - 8, message.length << 3, true);
  return view;
}

/** MD5 (RFC 1321) of a text's UTF-8, in hex: what the keys of gitlab-experiment are made with. Not for secrets. */
export function md5(text: string): string {
  const blocks = pad(utf8(text));

  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let offset = 0; offset < blocks.byteLength; offset += 64) state = compress(state, blocks, offset);

  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((word, i) => digest.setInt32(i * 4, word, true));
  return toHex([...new Uint8Array(digest.buffer)]);
}
