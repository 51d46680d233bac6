import type { Claims, ClaimRequest, ClaimOutcome } from '../../counting/ports.ts';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { partsOf } from '../../counting/limits/overflow.ts';
import { inRounds, type Pause } from '../../runtime/in-rounds.ts';
import { mapAtOnce } from '../../runtime/map-at-once.ts';
import { createInsertMany, MOST_INSERTS, type InsertFault, type InsertMany, type WireValue } from './insert-many.ts';

export interface ClaimsConfig {
  claimsTable: string;
  claimWindowMs: number;
  retentionMs: number;
}

const DAY_MS = 86_400_000;
const KEYS_PER_READ = 100;
const PAGES_AT_ONCE = 8;
const INSERTS_AT_ONCE = 16;
const TAKEN_AT_ONCE = 16;

/** A claim's attributes, its key first. */
const ATTRIBUTES = ['id', 'owner', 'windowEnds', 'expiresAt'];

/** A claim that exists. */
interface StoredClaim {
  owner: string;
  /** ms */
  windowEnds: number;
}

/** `taken`: somebody had the uuid before; the claim that is there decides. */
type Inserted = 'owned' | 'taken' | 'throttled' | 'unsettled';

/*
 *   received            windowEnds                       expiresAt
 *      |----- 30 days -----|---- retention + 1 day ----------|
 *      | a duplicate received here is one…                     |
 *                          | …and may be processed as late as here: its claim must still be there
 */
const takeOver = [
  'attribute_not_exists(id)', // nobody has it
  '#owner = :me', //             it is mine, from an earlier try
  'windowEnds < :at', //         whoever had it, had it too long ago
].join(' OR ');

const THROTTLES = new Set([
  ...['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'],
  // The same of a single statement, and what else passes by itself.
  ...['ProvisionedThroughputExceeded', 'ThrottlingError', 'InternalServerError', 'TransactionConflict'],
]);

/**
 * A claim is an INSERT, 25 in a request. What is there already decides about those that were not inserted: nothing can
 * change that until its window ends.
 *
 * What is throttled is tried again as long as others get through. Else a record of many events, which counts as a whole,
 * might never be decided: each delivery would spend what the table takes on claims that are its own already.
 * @param onFailure told why claims stayed unsettled
 */
export function createClaims(
  client: DynamoDBClient,
  config: ClaimsConfig,
  onFailure: (error: unknown) => void,
  pause?: Pause,
  insertMany: InsertMany = createInsertMany(client, config.claimsTable, ATTRIBUTES),
): Claims {
  function expiryOf(at: number) {
    const windowEnds = at + config.claimWindowMs;
    return { windowEnds, expiresAt: Math.ceil((windowEnds + config.retentionMs + DAY_MS) / 1_000) };
  }

  function toValues({ id, owner, at }: ClaimRequest): WireValue[] {
    const { windowEnds, expiresAt } = expiryOf(at);
    return [{ B: Buffer.from(id).toString('base64') }, { S: owner }, { N: `${windowEnds}` }, { N: `${expiresAt}` }];
  }

  function toInserted(fault: InsertFault | undefined): Inserted {
    if (!fault) return 'owned';
    if (fault.code === 'DuplicateItem') return 'taken';
    if (THROTTLES.has(fault.code)) return 'throttled';
    onFailure(new Error(`${config.claimsTable}: ${fault.code}: ${fault.message}`));
    return 'unsettled';
  }

  /** At most 25 claims of different ids. */
  async function insertPage(requests: readonly ClaimRequest[]): Promise<Inserted[]> {
    try {
      return (await insertMany(requests.map(toValues))).map(toInserted);
    } catch (error) {
      if (isThrottle(error)) return requests.map(() => 'throttled');
      onFailure(error);
      return requests.map(() => 'unsettled');
    }
  }

  /** The only write that may put a claim in the place of another: of one whose window has ended. */
  async function takeOne({ id, owner, at }: ClaimRequest): Promise<ClaimOutcome | 'throttled'> {
    const { windowEnds, expiresAt } = expiryOf(at);
    try {
      await client.send(
        new PutItemCommand({
          TableName: config.claimsTable,
          Item: {
            id: { B: id },
            owner: { S: owner },
            windowEnds: { N: `${windowEnds}` },
            expiresAt: { N: `${expiresAt}` },
          },
          ConditionExpression: takeOver,
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':me': { S: owner }, ':at': { N: `${at}` } },
        }),
      );
      return ownedAs(owner);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return readAgain(id, owner);
      if (isThrottle(error)) return 'throttled';
      onFailure(error);
      return 'unsettled';
    }
  }

  /** Somebody else put a claim there first, or an earlier try of ours that decided otherwise about its segments. */
  async function readAgain(id: Uint8Array, owner: string): Promise<ClaimOutcome | 'throttled'> {
    const found = await read([id]);
    if (!found.has(keyOf(id))) return 'unsettled';
    const stored = found.get(keyOf(id))?.owner ?? '';
    return isSameOwner(stored, owner) ? ownedAs(stored) : 'duplicate';
  }

  /** Adds the claims of at most 100 different ids; undefined where there is none. @returns the ids that were throttled */
  async function readPage(
    ids: readonly Uint8Array[],
    found: Map<string, StoredClaim | undefined>,
  ): Promise<readonly Uint8Array[]> {
    try {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: {
            [config.claimsTable]: {
              Keys: ids.map((id) => ({ id: { B: id } })),
              ConsistentRead: true,
              ProjectionExpression: 'id, #owner, windowEnds',
              ExpressionAttributeNames: { '#owner': 'owner' },
            },
          },
        }),
      );
      const throttled = (UnprocessedKeys?.[config.claimsTable]?.Keys ?? []).flatMap(({ id }) => id?.B ?? []);
      for (const id of ids) found.set(keyOf(id), undefined);
      for (const id of throttled) found.delete(keyOf(id));
      for (const { id, owner, windowEnds } of Responses?.[config.claimsTable] ?? []) {
        if (id?.B && owner?.S !== undefined) {
          found.set(keyOf(id.B), { owner: owner.S, windowEnds: Number(windowEnds?.N) });
        }
      }
      return throttled;
    } catch (error) {
      if (isThrottle(error)) return ids;
      onFailure(error);
      return [];
    }
  }

  /** Claims by key, strongly consistent: undefined where there is none, and no entry where that cannot be told now. */
  async function read(ids: readonly Uint8Array[]): Promise<Map<string, StoredClaim | undefined>> {
    const different = [...new Map(ids.map((id) => [keyOf(id), id])).values()];
    const found = new Map<string, StoredClaim | undefined>();
    await throttledInRounds(different, async (left) => {
      const throttled = await mapAtOnce(PAGES_AT_ONCE, cut(left, KEYS_PER_READ), (page) => readPage(page, found));
      return throttled.flat();
    });
    return found;
  }

  /** Of uuids that somebody had before. */
  async function decideTaken(requests: readonly ClaimRequest[]): Promise<(ClaimOutcome | 'throttled')[]> {
    const found = await read(requests.map(({ id }) => id));
    return mapAtOnce(TAKEN_AT_ONCE, requests, async (request) => {
      const key = keyOf(request.id);
      if (!found.has(key)) return 'unsettled';
      const claim = found.get(key);
      if (!claim) return 'throttled'; // it has expired meanwhile: once more
      if (isSameOwner(claim.owner, request.owner)) return ownedAs(claim.owner);
      return claim.windowEnds < request.at ? takeOne(request) : 'duplicate';
    });
  }

  /** One try for each request, in their order. */
  async function claimOnce(requests: readonly ClaimRequest[]): Promise<(ClaimOutcome | 'throttled')[]> {
    const inserted = (await mapAtOnce(INSERTS_AT_ONCE, cut(requests, MOST_INSERTS), insertPage)).flat();
    const taken = requests.filter((_, index) => inserted[index] === 'taken');
    const decided = taken.length > 0 ? await decideTaken(taken) : [];
    let turn = 0;
    return inserted.map((outcome, index) => {
      if (outcome === 'taken') return decided[turn++] ?? 'throttled';
      return outcome === 'owned' ? ownedAs(requests[index]?.owner ?? '') : outcome;
    });
  }

  async function throttledInRounds<T>(items: readonly T[], work: (items: readonly T[]) => Promise<readonly T[]>) {
    const left = await inRounds(items, work, pause);
    if (left.length > 0) {
      onFailure(new Error(`${config.claimsTable}: ${left.length} requests were throttled to the end`));
    }
  }

  return {
    async readOwners(ids) {
      const found = await read(ids);
      return ids.map((id) => (found.has(keyOf(id)) ? (found.get(keyOf(id))?.owner ?? '') : undefined));
    },

    async claim(requests) {
      const outcomes = requests.map((): ClaimOutcome => 'unsettled');
      await throttledInRounds([...requests.entries()], async (left) => {
        const tried = await claimOnce(left.map(([, request]) => request));
        return left.filter(([index], turn) => {
          const outcome = tried[turn] ?? 'throttled';
          if (outcome !== 'throttled') outcomes[index] = outcome;
          return outcome === 'throttled';
        });
      });
      return outcomes;
    },
  };
}

/** The record is the same, whatever was decided about the event's segments. */
function isSameOwner(stored: string, owner: string): boolean {
  return partsOf(stored).owner === partsOf(owner).owner;
}

function ownedAs(owner: string): ClaimOutcome {
  const { overflow } = partsOf(owner);
  return overflow === '' ? 'owned' : `owned~${overflow}`;
}

function isThrottle(error: unknown): boolean {
  return error instanceof Error && THROTTLES.has(error.name);
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

function cut<T>(items: readonly T[], size: number): T[][] {
  const pages: T[][] = [];
  for (let first = 0; first < items.length; first += size) pages.push(items.slice(first, first + size));
  return pages;
}
