import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createS3Client } from '../../../../shared/stores/log/s3-client.ts';
import { createBucket } from '../../../../shared/stores/log/bucket.ts';
import type { Objects } from '../../../../shared/stores/log/objects.ts';
import { startS3Stub, type S3Stub } from '../../../support/log/s3-stub.ts';

describe('a bucket', () => {
  let stub: S3Stub;
  let bucket: Objects;
  beforeEach(async () => {
    stub = await startS3Stub(3);
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    const { endpoint } = stub;
    const client = createS3Client({
      endpoint,
      region: 'eu-central-1',
      credentials,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    bucket = createBucket(client, 'log');
  });
  afterEach(() => stub.close());

  test('keeps the first writer of a key', async () => {
    expect(await bucket.create('a/b.parquet', Buffer.from('first'))).toBe(true);
    expect(await bucket.create('a/b.parquet', Buffer.from('second'))).toBe(false);
    expect(Buffer.from((await bucket.get('a/b.parquet')) ?? []).toString()).toBe('first');
  });

  test('tries again where two write at once, and gives up some time', async () => {
    stub.conflicts = 2;
    expect(await bucket.create('a', Buffer.from('x'))).toBe(true);
    stub.conflicts = 100;
    await expect(bucket.create('b', Buffer.from('x'))).rejects.toThrow();
  });

  test('lists every page of keys', async () => {
    for (let index = 0; index < 8; index += 1) await bucket.create(`a/${index}`, Buffer.from('xy'));
    await bucket.create('b/0', Buffer.from('x'));
    expect([...(await bucket.list('a/'))]).toEqual(Array.from({ length: 8 }, (_, index) => [`a/${index}`, 2]));
  });

  test('says nothing where there is nothing', async () => {
    expect(await bucket.get('a')).toBeUndefined();
    expect([...(await bucket.list('a'))]).toEqual([]);
  });

  test('replaces an object', async () => {
    await bucket.create('a', Buffer.from('old'));
    const read = (await bucket.get('a')) ?? Buffer.alloc(0);
    expect(await bucket.replace('a', Buffer.from('new'), read)).toBe(true);
    expect(stub.objects.get('a')?.toString()).toBe('new');
  });

  test('replaces nothing that somebody else has replaced since it was read', async () => {
    await bucket.create('a', Buffer.from('old'));
    const read = (await bucket.get('a')) ?? Buffer.alloc(0);
    stub.objects.set('a', Buffer.from("somebody else's"));
    expect(await bucket.replace('a', Buffer.from('new'), read)).toBe(false);
    expect(stub.objects.get('a')?.toString()).toBe("somebody else's");
    await expect(bucket.replace('a', Buffer.from('new'), Buffer.from('old'))).rejects.toThrow('has to be read before');
  });
});
