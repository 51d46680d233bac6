import { toHex } from '../hash/hex.ts';

/** 128 random bits. Not crypto.randomUUID, which browsers hide from pages without TLS. */
export const randomId = (): string => toHex(crypto.getRandomValues(new Uint8Array(16)));
