import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { OutgoingRecord } from '../../shared/stream-record.ts';
import type { StreamDeps } from './put-with-retries.ts';

/** A call that hangs is given up early enough for another one inside the time budget. */
const LONGEST_CALL_MS = 2_000;

/** The stream's door: one PutRecords call, which can fail in part. */
export function createPutRecords(client: KinesisClient, streamName: string): StreamDeps['putRecords'] {
  return async (records, deadline) => {
    const command = new PutRecordsCommand({
      StreamName: streamName,
      Records: records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
    });
    const timeLeft = Math.max(1, deadline - Date.now());
    const { FailedRecordCount, Records: results = [] } = await client.send(command, {
      abortSignal: AbortSignal.timeout(Math.min(LONGEST_CALL_MS, timeLeft)),
    });
    if (FailedRecordCount === 0 && results.length === records.length) return [];
    return records.filter((_: OutgoingRecord, index) => results[index]?.SequenceNumber === undefined);
  };
}
