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
  /** Whose it is, for people. */
  name?: string;
}

export interface ApiKeys {
  /** The role of a presented key; undefined for one that is not valid. */
  roleOf: (key: string) => Promise<Role | undefined>;
  /** What a valid key is called, for logs: its name, or how its digest begins. */
  nameOf: (key: string) => Promise<string>;
  /** Makes a key valid. Several may be at once, so that keys are changed without an outage. */
  add: (key: string, role: Role, name?: string) => Promise<void>;
  /** The valid keys, by digest. */
  list: () => Promise<KnownKey[]>;
  /** Makes a key invalid, everywhere within half a minute. An unknown one is no error. */
  remove: (digest: string) => Promise<void>;
}

interface StoredKey {
  digest: Buffer;
  role: Role;
  name?: string;
}

const PARTITION = 'api-key';
const CACHED_MS = 30_000;

/** As many digits of a key's digest as people are shown. */
export const SHOWN_DIGITS = 12;

/** Only digests are stored: who reads the table cannot use them. @param now ms since 1970 */
export function createApiKeys(client: DynamoDBClient, stateTable: string, now: () => number): ApiKeys {
  let cached: { keys: StoredKey[]; until: number } = { keys: [], until: 0 };

  async function readKeys(): Promise<StoredKey[]> {
    if (now() < cached.until) return cached.keys;
    const items = await queryPartition(client, stateTable, PARTITION);
    const keys = items.map(({ sk, role, name }): StoredKey => ({
      digest: Buffer.from(sk?.S ?? '', 'hex'),
      role: role?.S === 'admin' ? 'admin' : 'read',
      ...(name?.S !== undefined && { name: name.S }),
    }));
    cached = { keys, until: now() + CACHED_MS };
    return keys;
  }

  async function find(key: string): Promise<StoredKey | undefined> {
    const digest = hash('sha256', key, 'buffer');
    let found: StoredKey | undefined;
    // Every stored key is compared, in constant time each: how long it takes says nothing about the keys.
    for (const stored of await readKeys()) {
      if (stored.digest.length === digest.length && timingSafeEqual(stored.digest, digest)) found = stored;
    }
    return found;
  }

  return {
    roleOf: async (key) => (await find(key))?.role,

    async nameOf(key) {
      return (await find(key))?.name ?? `key ${hash('sha256', key, 'hex').slice(0, SHOWN_DIGITS)}`;
    },

    async add(key, role, name) {
      const item = {
        pk: { S: PARTITION },
        sk: { S: hash('sha256', key, 'hex') },
        role: { S: role },
        ...(name !== undefined && { name: { S: name } }),
      };
      await client.send(new PutItemCommand({ TableName: stateTable, Item: item }));
      cached = { keys: [], until: 0 };
    },

    async list() {
      cached = { keys: [], until: 0 };
      return (await readKeys()).map(({ digest, ...key }) => ({ digest: digest.toString('hex'), ...key }));
    },

    async remove(digest) {
      const Key = { pk: { S: PARTITION }, sk: { S: digest } };
      await client.send(new DeleteItemCommand({ TableName: stateTable, Key }));
      cached = { keys: [], until: 0 };
    },
  };
}
