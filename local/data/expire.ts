import {
  DeleteItemCommand,
  paginateScan,
  ConditionalCheckFailedException,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resources } from '../create-stores.ts';
import { mapAtOnce } from '../../shared/runtime/map-at-once.ts';

/** A table whose items have an end. */
export interface ExpiringTable {
  name: string;
  /** Of its primary key. */
  keys: string[];
  /** Holds when an item ends, s since 1970. */
  attribute: string;
}

/** What DynamoDB itself takes for a mistake: an end that is longer ago is none. */
const OLDEST_END_SECONDS = 5 * 365 * 24 * 60 * 60;
const PAGE = 1_000;
/** Between pages, so that a sweep of a large table leaves room for what counts. */
const PAUSE_MS = 50;
const DELETES_AT_ONCE = 8;

/** The tables of a template that have a time to live. @param names by logical id */
export function expiringTables(resources: Resources, names: Record<string, string>): ExpiringTable[] {
  return Object.entries(resources).flatMap(([logicalId, { Type, Properties }]) => {
    const ttl = Properties.TimeToLiveSpecification as { AttributeName: string; Enabled: boolean } | undefined;
    if (Type !== 'AWS::DynamoDB::Table' || !ttl?.Enabled) return [];
    const keys = (Properties.KeySchema as { AttributeName: string }[]).map(({ AttributeName }) => AttributeName);
    return [{ name: names[logicalId] ?? '', keys, attribute: ttl.AttributeName }];
  });
}

/**
 * Deletes what has ended, as DynamoDB does by itself and dynalite does not. An item that got a later end meanwhile stays.
 * @param now ms
 * @returns how many were deleted
 */
export async function deleteExpired(
  table: ExpiringTable,
  client: DynamoDBClient,
  now: number,
  signal?: AbortSignal,
): Promise<number> {
  const range = { ':now': { N: String(Math.floor(now / 1_000)) }, ':oldest': { N: oldestEnd(now) } };
  const ended = {
    ExpressionAttributeNames: { '#end': table.attribute },
    ExpressionAttributeValues: range,
  };
  let deleted = 0;
  const scan = {
    TableName: table.name,
    Limit: PAGE,
    FilterExpression: '#end BETWEEN :oldest AND :now',
    ...ended,
  };
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    await mapAtOnce(DELETES_AT_ONCE, Items, async (item) => {
      if (await deleteIfEnded(item)) deleted += 1;
    });
    if (signal?.aborted) break;
    await sleep(PAUSE_MS);
  }
  return deleted;

  async function deleteIfEnded(item: Record<string, AttributeValue>): Promise<boolean> {
    const Key = Object.fromEntries(Object.entries(item).filter(([name]) => table.keys.includes(name)));
    const ConditionExpression = '#end BETWEEN :oldest AND :now';
    try {
      await client.send(new DeleteItemCommand({ TableName: table.name, Key, ConditionExpression, ...ended }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

function oldestEnd(now: number): string {
  return String(Math.floor(now / 1_000) - OLDEST_END_SECONDS);
}
