import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createCheckpoints } from '../../../shared/stores/dynamodb/checkpoints.ts';
import { createClaims } from '../../../shared/stores/dynamodb/claims.ts';
import { createDefinitions } from '../../../shared/stores/dynamodb/definitions.ts';
import { createDeletions } from '../../../shared/stores/dynamodb/deletions.ts';
import { createGenerations } from '../../../shared/stores/dynamodb/generation-numbers.ts';
import { createLosses } from '../../../shared/stores/dynamodb/losses.ts';
import { createNameLists } from '../../../shared/stores/dynamodb/name-lists.ts';
import { createQuarantine } from '../../../shared/stores/dynamodb/quarantine.ts';
import { CLAIM_WINDOW_MS, CLAIMS_TABLE, RETENTION_MS, STATE_TABLE } from './tables.ts';

interface TableStoresOptions {
  /** ms since 1970 */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  retentionMs?: number | undefined;
}

/** The product's own stores, over tables in memory. */
export function createTableStores(
  client: DynamoDBClient,
  { now, sleep, retentionMs = RETENTION_MS }: TableStoresOptions,
) {
  const claimsConfig = { claimsTable: CLAIMS_TABLE, claimWindowMs: CLAIM_WINDOW_MS, retentionMs };
  return {
    claims: createClaims(client, claimsConfig, () => undefined, sleep),
    checkpoints: createCheckpoints(client, STATE_TABLE),
    quarantine: createQuarantine(client, STATE_TABLE, now),
    deletions: createDeletions(client, STATE_TABLE, { now, sleep }),
    definitions: createDefinitions(client, STATE_TABLE, now),
    generations: createGenerations(client, STATE_TABLE),
    nameLists: createNameLists(client, STATE_TABLE),
    losses: createLosses(client, STATE_TABLE),
  };
}
