import { hash, timingSafeEqual } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queryPartition } from './query-partition.ts';

/** `read` sees reports, `admin` may also change and delete. */
export type Role = 'read' | 'admin';

/** A key as far as it is known: its digest, never itself. */
export interface KnownKey {
  /** SHA-256, hexadecimal. */
  digest: string;
  role: Role;
}

export interface ApiKeys {
  /** The role of a presented key; undefined for one that is not valid. */
  roleOf: (key: string) => Promise<Role | undefined>;
  /** Makes a key valid. Several may be at once, so that keys are changed without an outage. */
  add: (key: string, role: Role) => Promise<void>;
  /** The valid keys, by digest. */
  list: () => Promise<KnownKey[]>;
  /** Makes a key invalid, everywhere within half a minute. An unknown one is no error. */
  remove: (digest: string) => Promise<void>;
}

interface StoredKey {
  digest: Buffer;
  role: Role;
}

const PARTITION = 'api-key';
const CACHED_MS = 30_000;

/** Only digests are stored: who reads the table cannot use them. @param now ms since 1970 */
export function createApiKeys(client: DynamoDBClient, stateTable: string, now: () => number): ApiKeys {
  let cached: { keys: StoredKey[]; until: number } = { keys: [], until: 0 };

  async function readKeys(): Promise<StoredKey[]> {
    if (now() < cached.until) return cached.keys;
    const items = await queryPartition(client, stateTable, PARTITION);
    const keys = items.map(({ sk, role }): StoredKey => ({
      digest: Buffer.from(sk?.S ?? '', 'hex'),
      role: role?.S === 'admin' ? 'admin' : 'read',
    }));
    cached = { keys, until: now() + CACHED_MS };
    return keys;
  }

  return {
    async roleOf(key) {
      const digest = hash('sha256', key, 'buffer');
      let role: Role | undefined;
      // Every stored key is compared, in constant time each: how long it takes says nothing about the keys.
      for (const stored of await readKeys()) {
        if (stored.digest.length === digest.length && timingSafeEqual(stored.digest, digest)) role = stored.role;
      }
      return role;
    },

    async add(key, role) {
      const item = { pk: { S: PARTITION }, sk: { S: hash('sha256', key, 'hex') }, role: { S: role } };
      await client.send(new PutItemCommand({ TableName: stateTable, Item: item }));
      cached = { keys: [], until: 0 };
    },

    async list() {
      cached = { keys: [], until: 0 };
      return (await readKeys()).map(({ digest, role }) => ({ digest: digest.toString('hex'), role }));
    },

    async remove(digest) {
      const Key = { pk: { S: PARTITION }, sk: { S: digest } };
      await client.send(new DeleteItemCommand({ TableName: stateTable, Key }));
      cached = { keys: [], until: 0 };
    },
  };
}
