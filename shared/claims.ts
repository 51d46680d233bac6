import { ConditionalCheckFailedException, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DYNAMODB_SOCKETS } from './aws-clients.ts';

/** A wish to own an event's uuid. */
export interface ClaimRequest {
  /** 16 bytes: see claim-id.ts */
  id: Uint8Array;
  /** `stream/shard/sequence#index`: who is claiming. A retry of the same record finds its own claim. */
  owner: string;
  /** When the door received the event, ms: never the clock of the moment, so that a replay decides alike. */
  at: number;
}

/** `unsettled`: nothing is known; the same request may be made again. */
export type ClaimOutcome = 'owned' | 'duplicate' | 'unsettled';

export interface Claims {
  /** Decides many claims at a time, in any order; the outcomes are in the order of the requests. Never rejects. */
  claim: (requests: readonly ClaimRequest[]) => Promise<ClaimOutcome[]>;
}

export interface ClaimsConfig {
  claimsTable: string;
  claimWindowMs: number;
  retentionMs: number;
}

const DAY_MS = 86_400_000;

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

  return {
    async claim(requests) {
      const outcomes = new Array<ClaimOutcome>(requests.length).fill('unsettled');
      const queue = requests.entries();
      const work = async () => {
        for (const [index, request] of queue) outcomes[index] = await claimOne(request);
      };
      await Promise.all(Array.from({ length: Math.min(DYNAMODB_SOCKETS, requests.length) }, work));
      return outcomes;
    },
  };
}
