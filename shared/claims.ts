import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DYNAMODB_SOCKETS } from './aws-clients.ts';
import { mapAtOnce } from './map-at-once.ts';

/** Owns what was refused: a uuid that must not count, whoever sends it again. */
export const NOBODY = 'nobody';

/** A wish to own an event's uuid. */
export interface ClaimRequest {
  /** 16 bytes: see claim-id.ts */
  id: Uint8Array;
  /** `stream/shard/sequence#index`, or NOBODY: who is claiming. A retry of the same record finds its own claim. */
  owner: string;
  /** When the door received the event, ms: never the clock of the moment, so that a replay decides alike. */
  at: number;
}

/**
 * `unsettled`: nothing is known, as where DynamoDB throttles or does not answer; the same request may be made again. It
 * finds its own claim if the first one was written after all.
 */
export type ClaimOutcome = 'owned' | 'duplicate' | 'unsettled';

/** Looks up claims without making any. */
export interface ClaimReader {
  /**
   * Who owns each id, in their order: '' where nobody does, undefined where that cannot be told now. Read strongly
   * consistently. Never rejects.
   */
  readOwners: (ids: readonly Uint8Array[]) => Promise<(string | undefined)[]>;
}

export interface Claims extends ClaimReader {
  /** Decides many claims at a time, in any order; the outcomes are in the order of the requests. Never rejects. */
  claim: (requests: readonly ClaimRequest[]) => Promise<ClaimOutcome[]>;
}

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

/** @param onFailure told why claims stayed unsettled */
export function createClaims(client: DynamoDBClient, config: ClaimsConfig, onFailure: (error: unknown) => void): Claims {
  async function claimOne({ id, owner, at }: ClaimRequest): Promise<ClaimOutcome> {
    const windowEnds = at + config.claimWindowMs;
    const expiresAt = Math.ceil((windowEnds + config.retentionMs + DAY_MS) / 1_000);
    try {
      await client.send(
        new PutItemCommand({
          TableName: config.claimsTable,
          Item: { id: { B: id }, owner: { S: owner }, windowEnds: { N: `${windowEnds}` }, expiresAt: { N: `${expiresAt}` } },
          ConditionExpression: condition,
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':me': { S: owner }, ':at': { N: `${at}` } },
        }),
      );
      return 'owned';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'duplicate';
      onFailure(error);
      return 'unsettled';
    }
  }

  /** Owners of at most 100 different ids; those that stay unprocessed are missing. */
  async function readPage(ids: readonly Uint8Array[]): Promise<Map<string, string>> {
    const owners = new Map<string, string>();
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
      for (const id of ids) owners.set(keyOf(id), '');
      for (const { id } of UnprocessedKeys?.[config.claimsTable]?.Keys ?? []) if (id?.B) owners.delete(keyOf(id.B));
      for (const { id, owner } of Responses?.[config.claimsTable] ?? []) {
        if (id?.B && owner?.S !== undefined) owners.set(keyOf(id.B), owner.S);
      }
    } catch (error) {
      onFailure(error);
    }
    return owners;
  }

  return {
    async readOwners(ids) {
      const different = [...new Map(ids.map((id) => [keyOf(id), id])).values()];
      const pages = await mapAtOnce(PAGES_AT_ONCE, cutPages(different), readPage);
      const owners = new Map(pages.flatMap((page) => [...page]));
      return ids.map((id) => owners.get(keyOf(id)));
    },

    async claim(requests) {
      return mapAtOnce(DYNAMODB_SOCKETS, requests, claimOne);
    },
  };
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

function cutPages(ids: readonly Uint8Array[]): Uint8Array[][] {
  const pages: Uint8Array[][] = [];
  for (let first = 0; first < ids.length; first += KEYS_PER_READ) pages.push(ids.slice(first, first + KEYS_PER_READ));
  return pages;
}
