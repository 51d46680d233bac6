import type { Quarantine, QuarantineEntry } from '../../counting/ports.ts';
import { paginateQuery, PutItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

const PARTITION = 'quarantine';

/** DynamoDB takes 400 KB an item; a record can be longer, and its beginning is what tells where it came from. */
const KEPT_BYTES = 256 * 1024;
const KEPT_SECONDS = 30 * 86_400;

/** @param now ms since 1970 */
export function createQuarantine(client: DynamoDBClient, stateTable: string, now: () => number): Quarantine {
  return {
    async *entries(withData) {
      const attributes = ['sk', '#code', 'reason', 'events', '#at', ...(withData ? ['#data'] : [])];
      const pages = paginateQuery(
        { client },
        {
          TableName: stateTable,
          KeyConditionExpression: 'pk = :pk',
          ProjectionExpression: attributes.join(', '),
          ExpressionAttributeNames: { '#code': 'code', '#at': 'at', ...(withData && { '#data': 'data' }) },
          ExpressionAttributeValues: { ':pk': { S: PARTITION } },
        },
      );
      for await (const { Items = [] } of pages) yield* Items.map(toEntry);
    },

    async put({ shard, sequence, code, reason, events, data }) {
      const at = now();
      await client.send(
        new PutItemCommand({
          TableName: stateTable,
          Item: {
            pk: { S: PARTITION },
            sk: { S: `${shard}/${sequence}` },
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
