import { createHash, createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { toHex } from '../../../sdk/src/key/sha256.ts';
import { hmacSha256 } from '../../../sdk/src/key/sha256.ts';
import { md5 } from '../../../sdk/src/key/legacy-key.ts';
import { sha256 } from '../../../sdk/src/key/sha256.ts';
import { hmacNode } from '../../../sdk/src/node/identify.ts';

// Around the lengths at which the padding needs another block.
const bytes = fc.uint8Array({ minLength: 0, maxLength: 200 });
const text = fc.string({ unit: 'binary', maxLength: 200 });

test('SHA-256 is that of node:crypto, for bytes of every length', () => {
  fc.assert(
    fc.property(bytes, (message) => {
      expect(toHex(sha256([...message]))).toBe(createHash('sha256').update(message).digest('hex'));
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('MD5 is that of node:crypto', () => {
  fc.assert(
    fc.property(text, (message) => {
      expect(md5(message)).toBe(createHash('md5').update(message).digest('hex'));
    }),
    { numRuns: 300, seed: 2 },
  );
});

test('HMAC is that of node:crypto, also for secrets longer than a block', () => {
  fc.assert(
    fc.property(text, text, (secret, message) => {
      expect(hmacSha256(secret, message)).toBe(createHmac('sha256', secret).update(message).digest('hex'));
      expect(hmacNode(secret, message)).toBe(hmacSha256(secret, message));
    }),
    { numRuns: 300, seed: 3 },
  );
});
