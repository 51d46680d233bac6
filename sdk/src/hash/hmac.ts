import { toHex } from './hex.ts';
import { sha256 } from './sha256.ts';

/** HMAC-SHA-256 of a text under a secret, both as UTF-8, in hex. */
export type Hmac = (secret: string, message: string) => string;

const blockBytes = 64;

/** RFC 2104 on the synchronous SHA-256. On Node the package uses node:crypto in its place. */
export const hmacSha256: Hmac = (secret, message) => {
  const encoder = new TextEncoder();
  const encoded = encoder.encode(secret);
  const key = new Uint8Array(blockBytes);
  key.set(encoded.length > blockBytes ? sha256(encoded) : encoded);
  const hash = (mask: number, bytes: Uint8Array): Uint8Array =>
    sha256(new Uint8Array([...key.map((byte) => byte ^ mask), ...bytes]));

  return toHex(hash(0x5c, hash(0x36, encoder.encode(message))));
};
