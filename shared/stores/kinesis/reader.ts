import type { Page, ShardReader } from '../../counting/ports.ts';
import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
  type GetRecordsOutput,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SequenceNumber } from '../../contract/sequence-number.ts';

const FIRST_LIMIT = 1_000;
/** Kinesis allows no more. */
const LARGEST_LIMIT = 10_000;
/** A shard gives 2 MB a second to all readers together: with two such pages a second, half is left to others. */
const PAGE_BYTES = 1_000_000;

/** A shard answers five reads a second, to all readers together. With this pace three are left to the others. */
export const AWS_PACE_MS = 500;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;
/** Then the failure is told: whoever reads goes on later. */
const LONGEST_THROTTLING_MS = 30_000;

/** @param paceMs ms between two reads of a shard */
export function createShardReader(
  client: Pick<KinesisClient, 'send'>,
  streamName: string,
  paceMs = 0,
  wait: (ms: number) => Promise<unknown> = sleep,
): ShardReader {
  /** When a shard may be read again, ms: replays read one in several turns. */
  const nextRead = new Map<string, number>();

  /** Undefined where the shard, or the record, is no longer there. */
  async function iteratorAt(shardId: string, at: SequenceNumber | undefined): Promise<string | undefined> {
    const start =
      at === undefined
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: at } as const);
    try {
      const request = new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ...start });
      return (await client.send(request)).ShardIterator;
    } catch (error) {
      if (error instanceof InvalidArgumentException || error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /** The record, or the oldest one where it has been trimmed; undefined where the shard is gone. */
  const iteratorNear = async (shardId: string, at: SequenceNumber | undefined) =>
    (await iteratorAt(shardId, at)) ?? (at === undefined ? undefined : await iteratorAt(shardId, undefined));

  /** Waits for the shard's turn. Undefined where the iterator is older than five minutes. */
  async function getRecords(
    shardId: string,
    ShardIterator: string,
    Limit: number,
  ): Promise<GetRecordsOutput | undefined> {
    let throttledMs = 0;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const early = (nextRead.get(shardId) ?? 0) - Date.now();
      if (early > 0) await wait(early);
      if (paceMs > 0) nextRead.set(shardId, Date.now() + paceMs);
      try {
        return await client.send(new GetRecordsCommand({ ShardIterator, Limit }));
      } catch (error) {
        if (error instanceof ExpiredIteratorException) return undefined;
        if (!(error instanceof ProvisionedThroughputExceededException)) throw error;
        if (throttledMs >= LONGEST_THROTTLING_MS) throw error;
        throttledMs += pause;
        await wait(pause);
      }
    }
  }

  return {
    async *read(shardId, after) {
      // The record at `after` is asked for, too: only its being there shows that nothing behind it has been trimmed.
      let expected = after;
      let last: SequenceNumber | undefined;
      let limit = FIRST_LIMIT;
      let iterator = await iteratorNear(shardId, after);
      if (iterator === undefined) {
        yield { records: [], trimmed: true, behindMs: 0 };
        return;
      }

      while (iterator !== undefined) {
        const answer = await getRecords(shardId, iterator, limit);
        if (!answer) {
          // Whoever counts the pages was slow, or the machine slept: on from where it was.
          expected = last ?? expected;
          iterator = await iteratorNear(shardId, expected);
          continue;
        }
        const { Records: found = [], NextShardIterator, MillisBehindLatest = 0 } = answer;
        const page = toPage(found, expected, MillisBehindLatest);
        if (found.length > 0) expected = undefined;
        last = found.at(-1)?.SequenceNumber ?? last;
        limit = nextLimit(found) ?? limit;
        yield page;
        if (found.length === 0 && MillisBehindLatest === 0) return;
        iterator = NextShardIterator;
      }
    },
  };
}

type KinesisRecords = NonNullable<GetRecordsOutput['Records']>;

/** @param expected the record before the page's first; it is left out where it is there */
function toPage(found: KinesisRecords, expected: SequenceNumber | undefined, behindMs: number): Page {
  const records = found.map(({ SequenceNumber = '', Data = new Uint8Array(), ApproximateArrivalTimestamp }) => ({
    sequence: SequenceNumber,
    data: Data,
    arrival: ApproximateArrivalTimestamp?.getTime() ?? 0,
  }));
  const isThere = expected !== undefined && records[0]?.sequence === expected;
  const trimmed = expected !== undefined && records.length > 0 && !isThere;
  return { records: isThere ? records.slice(1) : records, trimmed, behindMs };
}

/** So many records of this size make a page; undefined where nothing shows their size. */
function nextLimit(found: KinesisRecords): number | undefined {
  const bytes = found.reduce((sum, { Data }) => sum + (Data?.byteLength ?? 0), 0);
  if (bytes === 0) return undefined;
  return Math.min(LARGEST_LIMIT, Math.max(1, Math.floor((PAGE_BYTES * found.length) / bytes)));
}
