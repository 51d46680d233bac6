import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SequenceNumber } from './sequence-number.ts';

/** A stream record that could not be read, and why. */
export interface QuarantinedRecord {
  shard: string;
  sequence: SequenceNumber;
  reason: string;
  data: Uint8Array;
}

export interface Quarantine {
  /** Keeps the record; the same one again replaces itself. Resolves when it is durable. */
  put: (record: QuarantinedRecord) => Promise<void>;
}

/** DynamoDB takes 400 KB an item; a record can be longer, and its beginning is what tells where it came from. */
const KEPT_BYTES = 256 * 1024;
const KEPT_SECONDS = 30 * 86_400;

/** @param now ms since 1970 */
export function createQuarantine(client: DynamoDBClient, stateTable: string, now: () => number): Quarantine {
  return {
    async put({ shard, sequence, reason, data }) {
      const at = now();
      await client.send(
        new PutItemCommand({
          TableName: stateTable,
          Item: {
            pk: { S: 'quarantine' },
            sk: { S: `${shard}/${sequence}` },
            reason: { S: reason.slice(0, 1_000) },
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
