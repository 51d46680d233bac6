import { hash, timingSafeEqual } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queryPartition } from './query-partition.ts';

/** `read` sees reports, `admin` may also change and delete. */
export type Role = 'read' | 'admin';

/** A key as far as it is known: its digest, never itself. */
export interface KnownKey {
  /** SHA-256, hexadecimal. */
  digest: string;
  role: Role;
  /** Whose it is; '' where nobody has said. */
  label: string;
  /** `2026-11-20`, UTC; null for one that an earlier version made. */
  created: string | null;
  /** The last day on which it was used; null before the first. */
  lastUsed: string | null;
}

export interface ApiKeys {
  /** The role of a presented key; undefined for one that is not valid. */
  roleOf: (key: string) => Promise<Role | undefined>;
  /** What a valid key is called, for logs: its label, or how its digest begins. */
  nameOf: (key: string) => Promise<string>;
  /** Makes a key valid. Several may be at once, so that keys are changed without an outage. */
  add: (key: string, role: Role, label?: string) => Promise<void>;
  /** The valid keys, by digest. */
  list: () => Promise<KnownKey[]>;
  /** Makes a key invalid, everywhere within half a minute. An unknown one is no error. */
  remove: (digest: string) => Promise<void>;
}

interface StoredKey extends Omit<KnownKey, 'digest'> {
  digest: Buffer;
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
    const keys = items.map(({ sk, role, label, created, lastUsed }): StoredKey => ({
      digest: Buffer.from(sk?.S ?? '', 'hex'),
      role: role?.S === 'admin' ? 'admin' : 'read',
      label: label?.S ?? '',
      created: created?.S ?? null,
      lastUsed: lastUsed?.S ?? null,
    }));
    cached = { keys, until: now() + CACHED_MS };
    return keys;
  }

  const today = () => new Date(now()).toISOString().slice(0, 10);

  /** Once a day and process. That it was used is worth knowing, and no reason to refuse it where it cannot be kept. */
  async function noteUse(key: StoredKey): Promise<void> {
    const day = today();
    if (key.lastUsed === day) return;
    key.lastUsed = day;
    const command = new UpdateItemCommand({
      TableName: stateTable,
      Key: { pk: { S: PARTITION }, sk: { S: key.digest.toString('hex') } },
      UpdateExpression: 'SET #lastUsed = :day',
      ConditionExpression: 'attribute_exists(pk)', // one that was removed meanwhile would be valid again
      ExpressionAttributeNames: { '#lastUsed': 'lastUsed' },
      ExpressionAttributeValues: { ':day': { S: day } },
    });
    await client.send(command).catch(() => undefined);
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
    async nameOf(key) {
      const label = (await find(key))?.label ?? '';
      return label === '' ? `key ${hash('sha256', key, 'hex').slice(0, SHOWN_DIGITS)}` : label;
    },

    async roleOf(key) {
      const found = await find(key);
      if (found) await noteUse(found);
      return found?.role;
    },

    async add(key, role, label = '') {
      const item = {
        pk: { S: PARTITION },
        sk: { S: hash('sha256', key, 'hex') },
        role: { S: role },
        label: { S: label },
        created: { S: today() },
      };
      await client.send(new PutItemCommand({ TableName: stateTable, Item: item }));
      cached = { keys: [], until: 0 };
    },

    async list() {
      cached = { keys: [], until: 0 };
      return (await readKeys()).map((key) => ({ ...key, digest: key.digest.toString('hex') }));
    },

    async remove(digest) {
      const Key = { pk: { S: PARTITION }, sk: { S: digest } };
      await client.send(new DeleteItemCommand({ TableName: stateTable, Key }));
      cached = { keys: [], until: 0 };
    },
  };
}
