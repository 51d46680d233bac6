import { InvalidRecord } from '../runtime/errors.ts';
import type { QuarantinedRecord } from '../stores/dynamodb/quarantine.ts';
import type { SequenceNumber } from '../contract/sequence-number.ts';
import { decodeRecord, type EventBundle } from './stream-record.ts';

/** A record as the stream delivers it. */
export interface ShardRecord {
  sequence: SequenceNumber;
  data: Uint8Array;
}

export interface DecodedRecord extends EventBundle {
  sequence: SequenceNumber;
}

/**
 * Reads the records of a batch. One that cannot be read is kept in quarantine with the reason, and counts as a record
 * without events: it must not stop its shard.
 */
export async function decodeBatch(
  shard: string,
  records: readonly ShardRecord[],
  quarantine: (record: QuarantinedRecord) => Promise<void>,
): Promise<DecodedRecord[]> {
  const decoded: DecodedRecord[] = [];
  for (const { sequence, data } of records) {
    try {
      decoded.push({ sequence, ...decodeRecord(data) });
    } catch (error) {
      if (!(error instanceof InvalidRecord)) throw error;
      await quarantine({ shard, sequence, code: 'unreadable', reason: error.message, events: 0, data });
      decoded.push({ sequence, at: 0, events: [] });
    }
  }
  return decoded;
}
