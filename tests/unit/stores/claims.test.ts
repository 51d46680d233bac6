import { ConditionalCheckFailedException, DynamoDBClient, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createClaims } from '../../../shared/stores/dynamodb/claims.ts';
import type { ClaimRequest, Claims } from '../../../shared/counting/ports.ts';
import { AwsError } from '../../../shared/stores/lean-call.ts';
import type { InsertFault, WireValue } from '../../../shared/stores/dynamodb/insert-many.ts';

const KEYS = 250;
const ids = Array.from({ length: KEYS }, (_, i) => new Uint8Array(16).fill(i));
const requests = ids.map((id) => ({ id, owner: 'stream/shard/1#0', at: 0 }));
const onFailure = jest.fn();
const pause = jest.fn<(ms: number) => Promise<void>>(() => Promise.resolve());
const config = { claimsTable: 'claims', claimWindowMs: 1_000, retentionMs: 1_000 };

/** What a table of claims holds, and how it fails. */
interface Table {
  items: Map<string, Record<string, AttributeValue>>;
  /** Called before each statement; a code makes it fail. */
  fault: (key: string) => string | undefined;
  /** Called before each request of statements; may throw. */
  request: () => void;
  /** How many keys of a page are answered. */
  readsAtOnce: number;
  /** Called before each page is read; may throw. */
  read: () => void;
  inserted: number;
}

let table: Table;

beforeEach(() => {
  onFailure.mockClear();
  pause.mockClear().mockImplementation(() => Promise.resolve());
  table = {
    items: new Map(),
    fault: () => undefined,
    request: () => undefined,
    readsAtOnce: 100,
    read: () => undefined,
    inserted: 0,
  };
});

function aStore(): Claims {
  return createClaims(aClient(), config, onFailure, pause, (items) => {
    table.request();
    return Promise.resolve(items.map(insert));
  });
}

function insert([id, owner, windowEnds, expiresAt]: readonly WireValue[]): InsertFault | undefined {
  const key = (id as { B: string }).B;
  const code = table.fault(key) ?? (table.items.has(key) ? 'DuplicateItem' : undefined);
  if (code !== undefined) return { code, message: 'refused' };
  table.inserted += 1;
  table.items.set(key, { id: { B: Buffer.from(key, 'base64') }, owner, windowEnds, expiresAt } as never);
  return undefined;
}

type Input = Partial<{ RequestItems: { claims: { Keys: { id: { B: Uint8Array } }[]; ConsistentRead: boolean } } }> & {
  Item?: Record<string, AttributeValue>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
};

/** Reads pages, and puts one item in the place of another, as DynamoDB does. */
function aClient(): DynamoDBClient {
  const client = new DynamoDBClient({});
  const answer = (input: Input) => (input.RequestItems ? readPage(input.RequestItems) : takeOver(input));
  client.middlewareStack.add(
    () => (args) =>
      Promise.resolve().then(() => ({ output: answer(args.input as Input) as never, response: undefined })),
    { step: 'initialize' },
  );
  return client;
}

function readPage({ claims }: NonNullable<Input['RequestItems']>) {
  table.read();
  expect(claims.ConsistentRead).toBe(true);
  const keys = claims.Keys;
  const found = keys.slice(0, table.readsAtOnce).flatMap(({ id }) => {
    const item = table.items.get(keyOf(id.B));
    return item ? [item] : [];
  });
  const left = keys.slice(table.readsAtOnce);
  return { $metadata: {}, Responses: { claims: found }, UnprocessedKeys: { claims: { Keys: left } } };
}

function takeOver({ Item = {}, ExpressionAttributeValues: values = {} }: Input) {
  const key = keyOf(Item.id?.B ?? new Uint8Array());
  const old = table.items.get(key);
  const may = !old || old.owner?.S === values[':me']?.S || Number(old.windowEnds?.N) < Number(values[':at']?.N);
  if (!may) throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
  table.items.set(key, Item);
  return { $metadata: {} };
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('base64');
}

function claimOf(owner: string, windowEnds: number, id = ids[1] ?? new Uint8Array()): void {
  table.items.set(keyOf(id), { id: { B: id }, owner: { S: owner }, windowEnds: { N: `${windowEnds}` } });
}

const one: ClaimRequest = { id: ids[1] ?? new Uint8Array(), owner: 'stream/shard/1#0', at: 5_000 };

describe('a claim', () => {
  test('of a uuid that nobody has is made, with its window and its expiry', async () => {
    expect(await aStore().claim([one])).toEqual(['owned']);
    expect(table.items.get(keyOf(one.id))).toMatchObject({
      owner: { S: one.owner },
      windowEnds: { N: '6000' },
      expiresAt: { N: '86407' },
    });
  });

  test.each<[string, string, number, string]>([
    ['that it has already is its own', one.owner, 6_000, 'owned'],
    ['that another has is a duplicate', 'other', 6_000, 'duplicate'],
    ['that another has until this very moment is a duplicate', 'other', 5_000, 'duplicate'],
    ['whose window has ended is taken over', 'other', 4_999, 'owned'],
  ])('of a uuid %s', async (_, owner, windowEnds, outcome) => {
    claimOf(owner, windowEnds);
    expect(await aStore().claim([one])).toEqual([outcome]);
    expect(table.items.get(keyOf(one.id))?.owner?.S).toBe(outcome === 'owned' ? one.owner : owner);
  });

  test.each([
    ['with all of its segments, counts so', one.owner, `${one.owner}~0+`, 'owned'],
    ['without one of them, counts so', `${one.owner}~0+2-`, one.owner, 'owned~0+2-'],
    ['by another record, is a duplicate', 'other~0+', one.owner, 'duplicate'],
  ])('that was made before, %s', async (_, stored, owner, outcome) => {
    claimOf(stored, 6_000);
    expect(await aStore().claim([{ ...one, owner }])).toEqual([outcome]);
    expect(table.items.get(keyOf(one.id))?.owner?.S).toBe(stored);
  });

  test.each([
    [`${one.owner}~0+`, 'owned~0+'],
    ['other', 'duplicate'],
  ])('that was overtaken when it took over from one that had ended is what is there: %s', async (owner, outcome) => {
    claimOf('before', 4_999);
    table.read = () => queueMicrotask(() => claimOf(owner, 6_000));
    expect(await aStore().claim([one])).toEqual([outcome]);
  });

  test('says which segments find no place as it was made', async () => {
    expect(await aStore().claim([{ ...one, owner: `${one.owner}~1-` }])).toEqual(['owned~1-']);
  });

  test('that expires between the insert and the look at it is made after all', async () => {
    claimOf('other', 9_000);
    table.read = () => table.items.delete(keyOf(one.id));
    expect(await aStore().claim([one])).toEqual(['owned']);
  });

  test('whose answer was lost finds itself', async () => {
    let lost = true;
    const store = createClaims(aClient(), config, onFailure, pause, (items) => {
      const answers = items.map(insert);
      if (!lost) return Promise.resolve(answers);
      lost = false;
      return Promise.reject(new Error('socket hang up'));
    });
    expect(await store.claim([one])).toEqual(['unsettled']);
    expect(await store.claim([one])).toEqual(['owned']);
  });

  test.each(['ValidationError', 'AccessDenied', 'ResourceNotFound'])(
    'that is refused as %s stays unsettled, and the reason is told',
    async (code) => {
      table.fault = (key) => (key === keyOf(one.id) ? code : undefined);
      const outcomes = await aStore().claim(requests);
      expect(outcomes.filter((outcome) => outcome !== 'owned')).toEqual(['unsettled']);
      expect(String(onFailure.mock.calls[0]?.[0])).toContain(code);
    },
  );

  test('cannot be decided where the one that is there cannot be read', async () => {
    claimOf('other', 9_000);
    table.read = () => {
      throw new Error('no connection');
    };
    expect(await aStore().claim([one])).toEqual(['unsettled']);
  });
});

describe('claims that are throttled', () => {
  /** The table takes so many statements between two pauses. */
  function takes(most: number): void {
    let taken = 0;
    table.fault = () => {
      taken += 1;
      return taken > most ? 'ProvisionedThroughputExceeded' : undefined;
    };
    pause.mockImplementation(() => {
      taken = 0;
      return Promise.resolve();
    });
  }

  test('are made as far as the table takes them, each once, until all are', async () => {
    takes(40);
    expect(await aStore().claim(requests)).toEqual(requests.map(() => 'owned'));
    expect(table.inserted).toBe(KEYS);
    expect(onFailure).not.toHaveBeenCalled();
  });

  test.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
    'a whole request at a time (%s) are made in the next round',
    async (name) => {
      let asked = 0;
      table.request = () => {
        asked += 1;
        if (asked % 2 === 1) throw new AwsError(name, 'slow down', 400);
      };
      expect(await aStore().claim(requests)).toEqual(requests.map(() => 'owned'));
      expect(onFailure).not.toHaveBeenCalled();
    },
  );

  test('are looked up as far as the table takes it, until all are', async () => {
    for (const id of ids) claimOf('me', 1, id);
    table.readsAtOnce = 30;
    expect(await aStore().readOwners(ids)).toEqual(ids.map(() => 'me'));
    expect(onFailure).not.toHaveBeenCalled();
  });

  test("are not nobody's where the table never gets to them", async () => {
    for (const id of ids) claimOf('me', 1, id);
    table.readsAtOnce = 0;
    expect(await aStore().readOwners(ids)).toEqual(ids.map(() => undefined));
  });

  test("are nobody's where nobody has them", async () => {
    expect(await aStore().readOwners(ids)).toEqual(ids.map(() => ''));
  });

  test('decide nothing where the table takes none at all, and say so once', async () => {
    takes(0);
    table.read = () => {
      throw new AwsError('ThrottlingException', 'slow down', 400);
    };
    const store = aStore();
    expect(await store.claim(requests)).toEqual(requests.map(() => 'unsettled'));
    expect(onFailure).toHaveBeenCalledTimes(1);
    expect(await store.readOwners(ids)).toEqual(ids.map(() => undefined));
    expect(onFailure).toHaveBeenCalledTimes(2);
    const waits = pause.mock.calls.map(([ms]) => ms);
    expect(waits.slice(-6)).toEqual([50, 100, 200, 400, 800, 1_600]);
  });
});
