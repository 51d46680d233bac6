import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { answerInTime } from '../../runtime/answer-in-time.ts';
import type { OutgoingRecord } from '../../counting/stream-record.ts';
import type { StreamDeps } from '../../../functions/ingest/put-with-retries.ts';

/** A call that hangs is given up early enough for another one inside the time budget. */
const LONGEST_CALL_MS = 2_000;

/** The stream's door: one PutRecords call, which can fail in part. */
export function createPutRecords(client: KinesisClient, streamName: string): StreamDeps['putRecords'] {
  return async (records, deadline) => {
    const command = new PutRecordsCommand({
      StreamName: streamName,
      Records: records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
    });
    // No abort signal: with one, the client would put its middleware together anew for every request.
    const patience = Math.min(LONGEST_CALL_MS, deadline - Date.now());
    const answer = await answerInTime(client.send(command), patience, undefined);
    if (!answer) throw new Error('the stream did not answer in time');

    const { FailedRecordCount, Records: results = [] } = answer;
    if (FailedRecordCount === 0 && results.length === records.length) return [];
    return records.filter((_: OutgoingRecord, index) => results[index]?.SequenceNumber === undefined);
  };
}
