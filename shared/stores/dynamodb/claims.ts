import type { Claims, ClaimRequest, ClaimOutcome } from '../../counting/ports.ts';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DYNAMODB_SOCKETS } from '../aws-clients.ts';
import { inRounds, type Pause } from '../../runtime/in-rounds.ts';
import { mapAtOnce } from '../../runtime/map-at-once.ts';

export interface ClaimsConfig {
  claimsTable: string;
  claimWindowMs: number;
  retentionMs: number;
}

const DAY_MS = 86_400_000;
const KEYS_PER_READ = 100;
const PAGES_AT_ONCE = 8;

/*
 *   received            windowEnds                       expiresAt
 *      |----- 30 days -----|---- retention + 1 day ----------|
 *      | a copy received here is a duplicate…                |
 *                          | …and may be processed as late as here: its claim must still be there
 */
const condition = [
  'attribute_not_exists(id)', // nobody has it
  '#owner = :me', //             it is mine, from an earlier try
  'windowEnds < :at', //         whoever had it, had it too long ago
].join(' OR ');

const THROTTLES = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded']);

/**
 * What is throttled is tried again as long as others get through. Else a record of many events, which counts as a whole,
 * might never be decided: each delivery would spend what the table takes on claims that are its own already.
 * @param onFailure told why claims stayed unsettled
 */
export function createClaims(
  client: DynamoDBClient,
  config: ClaimsConfig,
  onFailure: (error: unknown) => void,
  pause?: Pause,
): Claims {
  async function claimOne({ id, owner, at }: ClaimRequest): Promise<ClaimOutcome | 'throttled'> {
    const windowEnds = at + config.claimWindowMs;
    const expiresAt = Math.ceil((windowEnds + config.retentionMs + DAY_MS) / 1_000);
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
          ConditionExpression: condition,
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':me': { S: owner }, ':at': { N: `${at}` } },
        }),
      );
      return 'owned';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'duplicate';
      if (isThrottle(error)) return 'throttled';
      onFailure(error);
      return 'unsettled';
    }
  }

  /** Adds the owners of at most 100 different ids. @returns the ids that were throttled */
  async function readPage(ids: readonly Uint8Array[], owners: Map<string, string>): Promise<readonly Uint8Array[]> {
    try {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: {
            [config.claimsTable]: {
              Keys: ids.map((id) => ({ id: { B: id } })),
              ConsistentRead: true,
              ProjectionExpression: 'id, #owner',
              ExpressionAttributeNames: { '#owner': 'owner' },
            },
          },
        }),
      );
      const throttled = (UnprocessedKeys?.[config.claimsTable]?.Keys ?? []).flatMap(({ id }) => id?.B ?? []);
      for (const id of ids) owners.set(keyOf(id), '');
      for (const id of throttled) owners.delete(keyOf(id));
      for (const { id, owner } of Responses?.[config.claimsTable] ?? []) {
        if (id?.B && owner?.S !== undefined) owners.set(keyOf(id.B), owner.S);
      }
      return throttled;
    } catch (error) {
      if (isThrottle(error)) return ids;
      onFailure(error);
      return [];
    }
  }

  async function throttledInRounds<T>(items: readonly T[], work: (items: readonly T[]) => Promise<readonly T[]>) {
    const left = await inRounds(items, work, pause);
    if (left.length > 0) {
      onFailure(new Error(`${config.claimsTable}: ${left.length} requests were throttled to the end`));
    }
  }

  return {
    async readOwners(ids) {
      const different = [...new Map(ids.map((id) => [keyOf(id), id])).values()];
      const owners = new Map<string, string>();
      await throttledInRounds(different, async (left) => {
        const throttled = await mapAtOnce(PAGES_AT_ONCE, cutPages(left), (page) => readPage(page, owners));
        return throttled.flat();
      });
      return ids.map((id) => owners.get(keyOf(id)));
    },

    async claim(requests) {
      const outcomes = requests.map((): ClaimOutcome => 'unsettled');
      await throttledInRounds([...requests.entries()], async (left) => {
        const tried = await mapAtOnce(DYNAMODB_SOCKETS, left, ([, request]) => claimOne(request));
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

function isThrottle(error: unknown): boolean {
  return error instanceof Error && THROTTLES.has(error.name);
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

function cutPages(ids: readonly Uint8Array[]): Uint8Array[][] {
  const pages: Uint8Array[][] = [];
  for (let first = 0; first < ids.length; first += KEYS_PER_READ) pages.push(ids.slice(first, first + KEYS_PER_READ));
  return pages;
}
