import { describe, expect, test, jest } from '@jest/globals';
import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ProvisionedThroughputExceededException,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { createShardReader } from '../../../shared/stores/kinesis/reader.ts';

const MB = 1_000_000;

interface FakeShard {
  client: Pick<KinesisClient, 'send'>;
  limits: number[];
  iterators: string[];
  /** What the next reads answer instead of records. */
  faults: Error[];
}

/** A shard of records of one size; a position is the number of a record. */
function fakeShard(records: number, bytes: number): FakeShard {
  const shard: Omit<FakeShard, 'client'> = { limits: [], iterators: [], faults: [] };
  const send = (command: unknown) => {
    if (command instanceof GetShardIteratorCommand) {
      const { ShardIteratorType: type = 'LATEST', StartingSequenceNumber: at } = command.input;
      shard.iterators.push(`${type} ${at ?? ''}`.trim());
      return Promise.resolve({ ShardIterator: at ?? '1' });
    }
    const { ShardIterator = '', Limit = 0 } = (command as GetRecordsCommand).input;
    const fault = shard.faults.shift();
    if (fault) return Promise.reject(fault);
    shard.limits.push(Limit);
    const first = Number(ShardIterator);
    const count = Math.max(0, Math.min(Limit, records - first + 1));
    return Promise.resolve({
      Records: Array.from({ length: count }, (_, i) => ({
        SequenceNumber: `${first + i}`,
        Data: new Uint8Array(bytes),
        ApproximateArrivalTimestamp: new Date(0),
      })),
      NextShardIterator: `${first + count}`,
      MillisBehindLatest: first + count <= records ? 1 : 0,
    });
  };
  return { ...shard, client: { send } };
}

/** Reads a shard to its end. @returns the sequence numbers, and every pause that was made, ms */
async function readAll(shard: FakeShard, after?: string, paceMs = 0) {
  const pauses: number[] = [];
  const wait = (ms: number) => Promise.resolve(pauses.push(ms));
  const sequences: string[] = [];
  for await (const { records } of createShardReader(shard.client, 'stream', paceMs, wait).read('shard', after)) {
    sequences.push(...records.map(({ sequence }) => sequence));
  }
  return { sequences, pauses };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
const expired = () => new ExpiredIteratorException({ message: '', $metadata: {} });
const throttled = () => new ProvisionedThroughputExceededException({ message: '', $metadata: {} });

describe('a shard is read so that others can read it, too', () => {
  test('each read waits for its turn', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
    const { pauses } = await readAll(fakeShard(2_500, 1_000), undefined, 500);
    clock.mockRestore();
    expect(pauses).toEqual([500, 500, 500]); // four reads: the last one shows that nothing is left
  });

  test.each([
    ['small records', 100, 10_000],
    ['records of a kilobyte', 1_000, 1_000],
    ['large records', 200_000, 5],
  ])('pages of %s have about a megabyte', async (_, bytes, limit) => {
    const shard = fakeShard(1_200, bytes);
    await readAll(shard);
    expect(shard.limits[1]).toBe(limit);
    expect(limit * bytes).toBeLessThanOrEqual(MB);
  });

  test('a throttled read is made again after longer and longer, and given up after half a minute', async () => {
    const shard = fakeShard(3, 10);
    shard.faults.push(throttled(), throttled(), throttled());
    const { sequences, pauses } = await readAll(shard);
    expect({ sequences, pauses }).toEqual({ sequences: numbers(1, 3), pauses: [250, 500, 1_000] });
    shard.faults.push(...Array.from({ length: 30 }, throttled));
    await expect(readAll(shard)).rejects.toThrow(ProvisionedThroughputExceededException);
  });
});

describe('an iterator that is older than five minutes', () => {
  test('is replaced by one after the last record: nothing is left out, nothing comes twice', async () => {
    const shard = fakeShard(2_500, 1_000);
    const { client } = shard;
    let reads = 0;
    const send = (command: unknown) => {
      if (command instanceof GetRecordsCommand && (reads += 1) === 2) return Promise.reject(expired());
      return client.send(command as GetRecordsCommand);
    };
    const { sequences } = await readAll({ ...shard, client: { send } as typeof client });
    expect(sequences).toEqual(numbers(1, 2_500));
    expect(shard.iterators).toEqual(['TRIM_HORIZON', 'AT_SEQUENCE_NUMBER 1000']);
  });

  test('before the first page it is asked for again, with the record that shows that nothing is missing', async () => {
    const shard = fakeShard(20, 10);
    shard.faults.push(expired());
    const { sequences } = await readAll(shard, '5');
    expect(sequences).toEqual(numbers(6, 20));
    expect(shard.iterators).toEqual(['AT_SEQUENCE_NUMBER 5', 'AT_SEQUENCE_NUMBER 5']);
  });
});
