import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { answerInTime } from '../../runtime/answer-in-time.ts';
import type { OutgoingRecord } from '../../counting/stream-record.ts';
import { StreamUnavailable, messageOf } from '../../runtime/errors.ts';
import { createLeanCall, prepareRequest } from '../lean-call.ts';

/*
 * The time-outs of PutRecords: the caller's deadline (PUT_BUDGET_MS after the request came) bounds all attempts, the
 * constant below one attempt, and the connection itself has 1 s (aws-clients.ts).
 */

/** An attempt that hangs is given up early enough for another one inside the time budget. */
const LONGEST_ATTEMPT_MS = 2_000;

interface PutRecordsAnswer {
  FailedRecordCount?: number;
  Records?: { SequenceNumber?: string }[];
}

/** One PutRecords request, which can fail in part. */
export function createPutRecords(client: KinesisClient, streamName: string): StreamDeps['putRecords'] {
  const call = createLeanCall(client.config, () => {
    const sample = new PutRecordsCommand({ StreamName: streamName, Records: [] });
    return prepareRequest(sample, () => client.send(sample, {}));
  });

  return async (records, deadline) => {
    const body = JSON.stringify({
      Records: records.map(({ partitionKey, data }) => ({ Data: toBase64(data), PartitionKey: partitionKey })),
      StreamName: streamName,
    });
    const patience = Math.min(LONGEST_ATTEMPT_MS, deadline - Date.now());
    const answer = (await answerInTime(call(body, patience), patience, undefined)) as PutRecordsAnswer | undefined;
    if (!answer) throw new Error('the stream did not answer in time');

    const { FailedRecordCount, Records: results = [] } = answer;
    if (FailedRecordCount === 0 && results.length === records.length) return [];
    return records.filter((_, index) => results[index]?.SequenceNumber === undefined);
  };
}

function toBase64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

export interface StreamDeps {
  /** Puts records and answers those that the stream refused; rejects where nothing is known about any of them. */
  putRecords: (records: OutgoingRecord[], deadline: number) => Promise<OutgoingRecord[]>;
  /** ms since 1970 */
  now: () => number;
  /** From 0 (included) to 1 (excluded) */
  random: () => number;
  sleep: (ms: number) => Promise<void>;
}

const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Resolves when the stream has acknowledged every record; sends again only what it refused, after pauses that grow
 * and are drawn at random from 0 on ("full jitter": AWS Architecture Blog, Exponential Backoff And Jitter, 2015).
 * @throws StreamUnavailable at the deadline. Some records may be in the stream by then: the client's resend has the
 * same uuids, so they count once.
 */
export async function putWithRetries(records: OutgoingRecord[], deps: StreamDeps, deadline: number): Promise<void> {
  let pending = records;
  let cause: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      pending = await deps.putRecords(pending, deadline);
      if (pending.length === 0) return;
    } catch (error) {
      cause = error; // nothing is known of any record: all of them are sent again
    }

    const pause = deps.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    if (deps.now() + pause >= deadline) {
      const reason = cause === undefined ? 'refused by the stream' : messageOf(cause);
      throw new StreamUnavailable(`${pending.length} records not acknowledged in time: ${reason}`, { cause });
    }
    await deps.sleep(pause);
  }
}
