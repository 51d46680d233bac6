/** HMAC-SHA-256 of a text under a secret, both as UTF-8, in hex. */
export type Hmac = (secret: string, message: string) => string;

const BLOCK_BYTES = 64;

interface Constants {
  readonly initial: Int32Array;
  readonly rounds: Int32Array;
}

let constants: Constants | undefined;

/**
 * The constants are the first 32 bits of the fractions of the primes' roots (FIPS 180-4, 4.2.2 and 5.3.3): computing
 * them is shorter than writing 72 of them down.
 */
function computeConstants(): Constants {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime > 0)) primes.push(n);
  const fractions = (exponent: number) => Int32Array.from(primes, (prime) => (prime ** exponent * 2 ** 32) | 0);

  return { initial: fractions(1 / 2).slice(0, 8), rounds: fractions(1 / 3) };
}

/** One for all calls: nothing here waits for anything. */
const words = new Int32Array(64);

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The element at a place that exists: the compiler cannot know that it does. */
function at(list: Int32Array, i: number): number {
  return list[i] ?? 0;
}

/** The word of a block's round: its own for the first 16, then made of earlier ones. */
function wordOf(blocks: DataView, offset: number, i: number): number {
  if (i < 16) return blocks.getInt32(offset + i * 4);
  const early = at(words, i - 15);
  const late = at(words, i - 2);
  const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
  const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
  return at(words, i - 16) + small0 + at(words, i - 7) + small1;
}

/** SHA-256 (FIPS 180-4). Synchronous: a key is needed before the page is painted, and WebCrypto has only promises. */
export function sha256(message: Uint8Array): Uint8Array {
  const { initial, rounds } = (constants ??= computeConstants());
  const blocks = pad(message, false);
  const state = initial.slice();
  for (let offset = 0; offset < blocks.byteLength; offset += BLOCK_BYTES) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let i = 0; i < 64; i++) {
      words[i] = wordOf(blocks, offset, i);
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const first = h + big1 + ((e & f) ^ (~e & g)) + at(rounds, i) + at(words, i);
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const second = big0 + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = at(state, i) + word));
  }

  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setInt32(i * 4, word));
  return new Uint8Array(digest.buffer);
}

/** The message, a one bit, zeros, and the length in bits, to a multiple of 64 bytes: the same for MD5 and SHA-256. */
export function pad(message: Uint8Array, littleEndian: boolean): DataView {
  const padded = new Uint8Array((((message.length + 8) >> 6) << 6) + 64);
  padded.set(message);
  padded[message.length] = 0x80;

  const view = new DataView(padded.buffer);
  // In 64 bits, of which the upper ones are 0 below half a gigabyte.
  view.setUint32(padded.length - (littleEndian ? 8 : 4), message.length << 3, littleEndian);
  return view;
}

/** A text's UTF-8, broken surrogates as U+FFFD. Not by TextEncoder, which sandboxes of tests do not have. */
export function utf8(text: string): Uint8Array {
  const encoded = encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));
  const bytes = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte + 0x100).toString(16).slice(1)).join('');
}

/** RFC 2104 on the synchronous SHA-256. On Node the package uses node:crypto in its place. */
export function hmacSha256(secret: string, message: string): string {
  const encoded = utf8(secret);
  const key = encoded.length > BLOCK_BYTES ? sha256(encoded) : encoded;
  const hash = (mask: number, bytes: Uint8Array): Uint8Array => {
    const whole = new Uint8Array(BLOCK_BYTES + bytes.length).fill(mask, 0, BLOCK_BYTES);
    key.forEach((byte, i) => (whole[i] = byte ^ mask));
    whole.set(bytes, BLOCK_BYTES);
    return sha256(whole);
  };

  return toHex(hash(0x5c, hash(0x36, utf8(message))));
}

/** 128 random bits. Not crypto.randomUUID, which browsers hide from pages without TLS. */
export function randomId(): string {
  const bytes = new Uint8Array(16);
  const { crypto } = globalThis as { crypto?: { getRandomValues: (bytes: Uint8Array) => unknown } };
  // Without it the id is still unlikely to be anybody else's.
  if (crypto) crypto.getRandomValues(bytes);
  else bytes.forEach((_, i) => (bytes[i] = Math.random() * 256));
  return toHex(bytes);
}
