/** HMAC-SHA-256 of a text under a secret, both as UTF-8, in hex. */
export type Hmac = (secret: string, message: string) => string;

const BLOCK_BYTES = 64;

/** Eight words of state, then the 64 constants of the rounds. */
let constants: readonly number[] | undefined;

/**
 * The constants are the first 32 bits of the fractions of the primes' roots (FIPS 180-4, 4.2.2 and 5.3.3): computing
 * them is shorter than writing 72 of them down.
 */
function computeConstants(): readonly number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  const fractions = (exponent: number) => primes.map((prime) => (prime ** exponent * 2 ** 32) | 0);

  return [...fractions(1 / 2).slice(0, 8), ...fractions(1 / 3)];
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The number at a place that exists: the compiler cannot know that it does. */
function at(list: readonly number[], i: number): number {
  return list[i] ?? 0;
}

/** The four bytes of a word, the highest first. */
function bytesOf(word: number): number[] {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255);
}

/**
 * SHA-256 (FIPS 180-4) of bytes, fewer than half a gigabyte. Synchronous: a key is needed before the page is painted, and
 * WebCrypto has only promises.
 */
export function sha256(message: readonly number[]): number[] {
  const table = (constants ??= computeConstants());
  // A one bit, zeros, and the length in bits, of which the upper half is 0.
  const bytes = message.concat(0x80);
  while (bytes.length % BLOCK_BYTES !== 60) bytes.push(0);
  let state = table.slice(0, 8);
  const words: number[] = [];
  bytes.concat(bytesOf(message.length * 8)).forEach((byte, i) => {
    const round = (i >> 2) % 16;
    words[round] = (at(words, round) << 8) | byte;
    if (i % BLOCK_BYTES > 62) state = mixIn(state, words, table);
  });
  return state.flatMap(bytesOf);
}

/** The state after one block: its 16 words, which more are made of, mixed in. */
function mixIn(state: readonly number[], words: number[], table: readonly number[]): number[] {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    if (i > 15) {
      const early = at(words, i - 15);
      const late = at(words, i - 2);
      const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
      const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
      words[i] = (small0 + small1 + at(words, i - 16) + at(words, i - 7)) | 0;
    }
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = big1 + h + ((e & f) ^ (~e & g)) + at(table, i + 8) + at(words, i);
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + big0 + majority) | 0;
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + at(state, i)) | 0);
}

/** A text's UTF-8, broken surrogates as U+FFFD. Not by TextEncoder, which sandboxes of tests do not have. */
export function utf8(text: string): number[] {
  const encoded = encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));
  return (encoded.match(/%..|./g) ?? []).map((one) => (one[1] ? parseInt(one.slice(1), 16) : one.charCodeAt(0)));
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: readonly number[]): string {
  return bytes.map((byte) => (byte + 0x100).toString(16).slice(1)).join('');
}

/** RFC 2104 on the synchronous SHA-256. On Node the package uses node:crypto in its place. */
export function hmacSha256(secret: string, message: string): string {
  const encoded = utf8(secret);
  const key = encoded.length > BLOCK_BYTES ? sha256(encoded) : encoded;
  while (key.length < BLOCK_BYTES) key.push(0);
  const hash = (mask: number, bytes: readonly number[]): number[] =>
    sha256(key.map((byte) => byte ^ mask).concat(bytes));

  return toHex(hash(0x5c, hash(0x36, utf8(message))));
}

/** 128 random bits. Not crypto.randomUUID, which browsers hide from pages without TLS. */
export function randomId(): string {
  const bytes = new Uint8Array(16);
  const { crypto } = globalThis as { crypto?: { getRandomValues: (bytes: Uint8Array) => unknown } };
  // Without it the id is still unlikely to be anybody else's.
  if (crypto) crypto.getRandomValues(bytes);
  else bytes.forEach((_, i) => (bytes[i] = Math.random() * 256));
  return toHex([...bytes]);
}
