import { hash } from 'node:crypto';
import type { Quarantine, QuarantineEntry } from '../../counting/ports.ts';
import { paginateQuery, PutItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Where everything lay before it was spread, and what is still there until it expires. */
const FIRST_PARTITION = 'quarantine';

/** One partition takes a thousand write units a second, of 1 KB each, and checkpoints need the table, too. */
const PARTITIONS = 16;

/** A record can be longer than what ingest writes; its beginning is what tells where it came from. */
const KEPT_BYTES = 64 * 1024;
const KEPT_SECONDS = 30 * 86_400;

/** @param now ms since 1970 */
export function createQuarantine(client: DynamoDBClient, stateTable: string, now: () => number): Quarantine {
  return {
    async *entries(withData) {
      const attributes = ['sk', '#code', 'reason', 'events', '#at', ...(withData ? ['#data'] : [])];
      for (const partition of [
        FIRST_PARTITION,
        ...Array.from({ length: PARTITIONS }, (_, index) => partitionAt(index)),
      ]) {
        const pages = paginateQuery(
          { client },
          {
            TableName: stateTable,
            KeyConditionExpression: 'pk = :pk',
            ProjectionExpression: attributes.join(', '),
            ExpressionAttributeNames: { '#code': 'code', '#at': 'at', ...(withData && { '#data': 'data' }) },
            ExpressionAttributeValues: { ':pk': { S: partition } },
          },
        );
        for await (const { Items = [] } of pages) yield* Items.map(toEntry);
      }
    },

    async put({ shard, sequence, code, reason, events, data }) {
      const at = now();
      const place = `${shard}/${sequence}`;
      await client.send(
        new PutItemCommand({
          TableName: stateTable,
          Item: {
            pk: { S: partitionOf(place) },
            sk: { S: place },
            code: { S: code },
            reason: { S: reason.slice(0, 1_000) },
            events: { N: `${events}` },
            bytes: { N: `${data.byteLength}` },
            data: { B: data.subarray(0, KEPT_BYTES) },
            at: { N: `${at}` },
            expiresAt: { N: `${Math.ceil(at / 1_000) + KEPT_SECONDS}` },
          },
        }),
      );
    },
  };
}

/** The same one for the same record. */
function partitionOf(place: string): string {
  return partitionAt(hash('sha256', place, 'buffer').readUInt8(0) % PARTITIONS);
}

function partitionAt(index: number): string {
  return `${FIRST_PARTITION}-${index}`;
}

function toEntry({ sk, code, reason, events, at, data }: Record<string, AttributeValue>): QuarantineEntry {
  return {
    place: sk?.S ?? '',
    code: code?.S ?? 'unreadable',
    reason: reason?.S ?? '',
    events: Number(events?.N ?? 0),
    at: Number(at?.N ?? 0),
    data: data?.B ?? new Uint8Array(),
  };
}
