import { unpadSequence } from '../../../shared/contract/sequence-number.ts';
import { MEMBER_BYTES, type Member } from '../../../shared/counting/limits/names.ts';
import { FIRST_INCARNATION, type Incarnation } from '../../../shared/contract/experiment-id.ts';
import type { Checkpoint } from '../../../shared/counting/ports.ts';
import { experimentKey } from '../../../shared/stores/dynamodb/state-key.ts';
import type { Item } from '../../support/dynamodb/expressions.ts';
import { createMemoryDynamoDB, type MemoryDynamoDB } from '../../support/dynamodb/memory-dynamodb.ts';

export const CLAIM_WINDOW_MS = 30 * 86_400_000;
export const RETENTION_MS = 7 * 86_400_000;
export const CLAIMS_TABLE = 'claims';
export const STATE_TABLE = 'state';

/** What lies in the tables, as only a test may look at it: at once, and with everything that ever lay there. */
export interface Tables {
  dynamodb: MemoryDynamoDB;
  /** Every owner that an id has ever had, in order. */
  ownersOf: (id: Uint8Array) => readonly string[];
  /** Notes an owner that the table itself never hears of. */
  noteOwner: (id: Uint8Array, owner: string) => void;
  checkpointOf: (shard: string) => Checkpoint | undefined;
  incarnationOf: (name: string) => Incarnation;
  /** When each incarnation that an experiment ever had was to end, ms since 1970, in the order of writing. */
  deletionTimes: (name: string) => readonly number[];
  /** Places, `stream/shard/sequence`, of everything that ever came to quarantine. */
  quarantined: () => ReadonlySet<string>;
  nameLists: () => ReadonlyMap<string, ReadonlySet<Member>>;
}

/** @param now ms since 1970 */
export function createTables(now: () => number): Tables {
  const dynamodb = createMemoryDynamoDB(
    {
      [CLAIMS_TABLE]: { keys: ['id'], expires: 'expiresAt' },
      [STATE_TABLE]: { keys: ['pk', 'sk'], expires: 'expiresAt' },
    },
    now,
  );
  const noted = new Map<string, string[]>();
  const deletionKeys = new Map<string, Item>();
  const itemOf = (key: Item): Item => dynamodb.item(STATE_TABLE, key) ?? {};

  /** Asked for again and again: its digest is worked out once. */
  function keyOfDeletion(name: string): Item {
    const key = deletionKeys.get(name) ?? experimentKey('deletion', name);
    deletionKeys.set(name, key);
    return key;
  }

  return {
    dynamodb,
    ownersOf(id) {
      const written = dynamodb.versions(CLAIMS_TABLE, { id: { B: id } }).map(({ owner }) => owner?.S ?? '');
      return [...new Set(written), ...(noted.get(textOf(id)) ?? [])];
    },
    noteOwner: (id, owner) => noted.set(textOf(id), [...(noted.get(textOf(id)) ?? []), owner]),
    checkpointOf(shard) {
      const { sequence, first } = itemOf({ pk: { S: 'checkpoint' }, sk: { S: shard } });
      if (sequence?.S === undefined) return undefined;
      return { sequence: unpadSequence(sequence.S), first: unpadSequence(first?.S ?? '') };
    },
    incarnationOf(name) {
      const { number, since } = itemOf(keyOfDeletion(name));
      return number?.N === undefined ? FIRST_INCARNATION : { number: Number(number.N), since: Number(since?.N ?? 0) };
    },
    deletionTimes: (name) => dynamodb.versions(STATE_TABLE, keyOfDeletion(name)).map(({ since }) => Number(since?.N)),
    quarantined: () =>
      new Set(
        dynamodb
          .everWritten(STATE_TABLE)
          .flatMap(({ pk, sk }) => (pk?.S?.startsWith('quarantine') && sk?.S ? [sk.S] : [])),
      ),
    nameLists: () => new Map(dynamodb.items(STATE_TABLE, 'names').map((item) => [item.sk?.S ?? '', membersOf(item)])),
  };
}

function textOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

function membersOf({ members }: Item): Set<Member> {
  const text = textOf(members?.B ?? new Uint8Array());
  const pieces = Array.from({ length: text.length / MEMBER_BYTES }, (_, index) => index * MEMBER_BYTES);
  return new Set(pieces.map((first) => text.slice(first, first + MEMBER_BYTES)));
}
