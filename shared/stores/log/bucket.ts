import {
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Objects } from './objects.ts';

/** Two that write the same key at once: S3 asks one of them to try again. */
const ATTEMPTS = 5;

/** Objects in a bucket of S3. */
export function createBucket(client: S3Client, bucket: string): Objects {
  /** By which S3 knows again what was read. */
  const tags = new WeakMap<Uint8Array, string>();

  async function create(key: string, bytes: Uint8Array, attempt: number): Promise<boolean> {
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, IfNoneMatch: '*' }));
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false; // it exists
      if (statusOf(error) === 409 && attempt < ATTEMPTS) return create(key, bytes, attempt + 1);
      throw error;
    }
  }

  return {
    name: `s3://${bucket}`,

    async get(key) {
      try {
        const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const bytes = await Body?.transformToByteArray();
        if (bytes && ETag !== undefined) tags.set(bytes, ETag);
        return bytes;
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },

    create: (key, bytes) => create(key, bytes, 1),

    async replace(key, bytes, read) {
      const IfMatch = tags.get(read);
      if (IfMatch === undefined) throw new Error(`s3://${bucket}/${key}: what is replaced has to be read before`);
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, IfMatch }));
        return true;
      } catch (error) {
        if (statusOf(error) === 412 || statusOf(error) === 409) return false;
        throw error;
      }
    },

    async list(prefix) {
      const found = new Map<string, number>();
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key, Size = 0 } of Contents) if (Key !== undefined) found.set(Key, Size);
      }
      return found;
    },
  };
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
