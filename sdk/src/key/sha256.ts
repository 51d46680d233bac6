interface Constants {
  readonly initial: readonly number[];
  readonly rounds: readonly number[];
}

let constants: Constants | undefined;

/**
 * The constants are the first 32 bits of the fractions of the primes' roots (FIPS 180-4, 4.2.2 and 5.3.3): computing
 * them is shorter than writing 72 of them down.
 */
function computeConstants(): Constants {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime > 0)) primes.push(n);
  const fractions = (exponent: number): number[] => primes.map((prime) => (prime ** exponent * 2 ** 32) | 0);

  return { initial: fractions(1 / 2).slice(0, 8), rounds: fractions(1 / 3) };
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function scheduleWords(blocks: DataView, offset: number): number[] {
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
}

function compress(state: readonly number[], words: readonly number[], rounds: readonly number[]): number[] {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  words.forEach((word, i) => {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = h + big1 + ((e & f) ^ (~e & g)) + (rounds[i] ?? 0) + word;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = big0 + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  });
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + (state[i] ?? 0)) | 0);
}

/** SHA-256 (FIPS 180-4). Synchronous: a key is needed before the page is painted, and WebCrypto has only promises. */
export function sha256(message: Uint8Array): Uint8Array {
  const { initial, rounds } = (constants ??= computeConstants());
  const blocks = pad(message, false);

  let state = [...initial];
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    state = compress(state, scheduleWords(blocks, offset), rounds);
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
  const [high, low] = littleEndian ? [4, 8] : [8, 4];
  view.setUint32(padded.length - high, Math.floor(message.length / 2 ** 29), littleEndian);
  view.setUint32(padded.length - low, message.length << 3, littleEndian);
  return view;
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** HMAC-SHA-256 of a text under a secret, both as UTF-8, in hex. */
export type Hmac = (secret: string, message: string) => string;

const BLOCK_BYTES = 64;

/** RFC 2104 on the synchronous SHA-256. On Node the package uses node:crypto in its place. */
export function hmacSha256(secret: string, message: string): string {
  const encoder = new TextEncoder();
  const encoded = encoder.encode(secret);
  const key = new Uint8Array(BLOCK_BYTES);
  key.set(encoded.length > BLOCK_BYTES ? sha256(encoded) : encoded);
  const hash = (mask: number, bytes: Uint8Array): Uint8Array =>
    sha256(new Uint8Array([...key.map((byte) => byte ^ mask), ...bytes]));

  return toHex(hash(0x5c, hash(0x36, encoder.encode(message))));
}

/** 128 random bits. Not crypto.randomUUID, which browsers hide from pages without TLS. */
export function randomId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)));
}
