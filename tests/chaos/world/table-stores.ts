import { BatchExecuteStatementCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createArchivePositions } from '../../../shared/stores/log/positions.ts';
import { createCheckpoints } from '../../../shared/stores/dynamodb/checkpoints.ts';
import { createClaims } from '../../../shared/stores/dynamodb/claims.ts';
import { createDefinitions } from '../../../shared/stores/dynamodb/definitions.ts';
import { createDeletions } from '../../../shared/stores/dynamodb/deletions.ts';
import { createGenerations } from '../../../shared/stores/dynamodb/generation-numbers.ts';
import type { InsertMany, WireValue } from '../../../shared/stores/dynamodb/insert-many.ts';
import { createRecordFormats, createVersionsOfStage } from '../../../shared/stores/dynamodb/installation.ts';
import { createLosses } from '../../../shared/stores/dynamodb/losses.ts';
import { createNameLists } from '../../../shared/stores/dynamodb/name-lists.ts';
import { createQuarantine } from '../../../shared/stores/dynamodb/quarantine.ts';
import { CLAIM_WINDOW_MS, CLAIMS_TABLE, RETENTION_MS, STATE_TABLE } from './tables.ts';

const INSERT = `INSERT INTO "${CLAIMS_TABLE}" VALUE {'id':?,'owner':?,'windowEnds':?,'expiresAt':?}`;
/** One request is no transaction: others may come between its statements, and its sender may crash between them. */
const STATEMENTS_AT_ONCE = 5;

interface TableStoresOptions {
  /** ms since 1970 */
  now: () => number;
  /** The time of Redis, as deletions ask for it. */
  storeNow: () => Promise<number>;
  sleep: (ms: number) => Promise<void>;
  retentionMs?: number | undefined;
}

/** The product's own stores, over tables in memory. */
export function createTableStores(
  client: DynamoDBClient,
  { now, storeNow, sleep, retentionMs = RETENTION_MS }: TableStoresOptions,
) {
  const claimsConfig = { claimsTable: CLAIMS_TABLE, claimWindowMs: CLAIM_WINDOW_MS, retentionMs };
  return {
    claims: createClaims(client, claimsConfig, () => undefined, sleep, insertManyWith(client)),
    checkpoints: createCheckpoints(client, STATE_TABLE, sleep),
    quarantine: createQuarantine(client, STATE_TABLE, now),
    deletions: createDeletions(client, STATE_TABLE, { now: storeNow, sleep, pause: sleep }),
    definitions: createDefinitions(client, STATE_TABLE, now, sleep),
    generations: createGenerations(client, STATE_TABLE),
    nameLists: createNameLists(client, STATE_TABLE, sleep),
    formats: createRecordFormats(createVersionsOfStage(client, STATE_TABLE, sleep)),
    losses: createLosses(client, STATE_TABLE),
    positions: createArchivePositions(client, STATE_TABLE),
  };
}

/** What insert-many.ts asks over the wire, asked of a client: in pieces, and unknown as a whole where one piece is. */
function insertManyWith(client: DynamoDBClient): InsertMany {
  return async (items) => {
    const answers: Awaited<ReturnType<InsertMany>> = [];
    for (let first = 0; first < items.length; first += STATEMENTS_AT_ONCE) {
      const piece = items.slice(first, first + STATEMENTS_AT_ONCE);
      const Statements = piece.map((values) => ({ Statement: INSERT, Parameters: values.map(toAttribute) }));
      const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements }));
      answers.push(...Responses.map(({ Error: fault }) => fault && { code: fault.Code ?? '', message: '' }));
    }
    return answers;
  };
}

function toAttribute(value: WireValue): AttributeValue {
  return 'B' in value ? { B: Buffer.from(value.B, 'base64') } : value;
}
