import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { compress, preferredEncoding } from '../../../shared/runtime/compress.ts';

const body = JSON.stringify(Array.from({ length: 500 }, (_, number) => ({ number })));
const answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body };

describe('an answer', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['br;q=0.1, gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['gzip;q=0', undefined],
    ['br;q=nonsense', undefined],
    ['identity', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('for a reader who takes %s is packed as %s', (accepted, encoding) => {
    expect(preferredEncoding(accepted)).toBe(encoding);
  });

  test('is whole again when it is unpacked', () => {
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync };
    for (const [encoding, decode] of Object.entries(unpack)) {
      const packed = compress(answer, encoding);
      expect(packed.headers).toEqual({
        'content-type': 'application/json',
        'content-encoding': encoding,
        vary: 'accept-encoding',
      });
      expect(packed.isBase64Encoded).toBe(true);
      expect(decode(Buffer.from(packed.body ?? '', 'base64')).toString()).toBe(body);
      expect(packed.body?.length).toBeLessThan(body.length / 2);
    }
  });

  test('that is not packed says that another reader may get it packed', () => {
    expect(compress(answer, undefined)).toEqual({ ...answer, headers: { ...answer.headers, vary: 'accept-encoding' } });
    expect(compress({ ...answer, headers: { vary: 'origin' } }, undefined).headers?.vary).toBe(
      'origin, accept-encoding',
    );
  });

  test('of a few bytes, or that is packed already, stays as it is', () => {
    const short = { ...answer, body: '{}' };
    expect(compress(short, 'gzip')).toBe(short);
    const packed = compress(answer, 'gzip');
    expect(compress(packed, 'br')).toBe(packed);
    expect(compress({ statusCode: 204 }, 'gzip')).toEqual({ statusCode: 204 });
  });
});
