import { describe, expect, test } from '@jest/globals';
import { putWithRetries, type StreamDeps } from '../../../shared/stores/kinesis/put.ts';
import { StreamUnavailable } from '../../../shared/runtime/errors.ts';
import type { OutgoingRecord } from '../../../shared/counting/stream-record.ts';

const DEADLINE = 5_000;

/** A stream whose clock only moves in pauses; `answers` says what becomes of each call's records. */
function aStream(answers: (records: OutgoingRecord[], call: number) => OutgoingRecord[], random = 0.5) {
  const calls: string[][] = [];
  const pauses: number[] = [];
  let now = 0;
  const deps: StreamDeps = {
    async putRecords(records) {
      calls.push(records.map(({ partitionKey }) => partitionKey));
      return Promise.resolve(answers(records, calls.length - 1));
    },
    now: () => now,
    random: () => random,
    async sleep(ms) {
      pauses.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  return { deps, calls, pauses };
}

const records = ['a', 'b', 'c'].map((partitionKey) => ({ partitionKey, data: new Uint8Array() }));

describe('putting records', () => {
  test('is done when the stream has acknowledged all of them', async () => {
    const { deps, calls, pauses } = aStream(() => []);
    await putWithRetries(records, deps, DEADLINE);
    expect([calls, pauses]).toEqual([[['a', 'b', 'c']], []]);
  });

  test('sends again only what the stream refused', async () => {
    const { deps, calls } = aStream((sent, call) => (call < 2 ? sent.slice(1) : []));
    await putWithRetries(records, deps, DEADLINE);
    expect(calls).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
  });

  test('sends everything again where a call failed: nothing is known of any record', async () => {
    const { deps, calls } = aStream((_, call) => {
      if (call === 0) throw new Error('reset');
      return [];
    });
    await putWithRetries(records, deps, DEADLINE);
    expect(calls).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  test('pauses longer each time, at random from nothing up to a second', async () => {
    const { deps, pauses } = aStream((sent) => sent, 0.999);
    await expect(putWithRetries(records, deps, DEADLINE)).rejects.toThrow(StreamUnavailable);
    expect(pauses.slice(0, 7).map(Math.round)).toEqual([40, 80, 160, 320, 639, 999, 999]);

    const eager = aStream((sent, call) => (call < 3 ? sent : []), 0);
    await putWithRetries(records, eager.deps, DEADLINE);
    expect(eager.pauses).toEqual([0, 0, 0]);
  });

  test('gives up before the deadline, and says how much is missing and why', async () => {
    const refusing = aStream((sent) => sent.slice(1));
    const failing = aStream(() => {
      throw new Error('ECONNRESET');
    });
    await expect(putWithRetries(records, failing.deps, DEADLINE)).rejects.toThrow(
      /3 records not acknowledged in time: Error: ECONNRESET/,
    );
    await expect(putWithRetries(records, { ...refusing.deps, now: () => DEADLINE }, DEADLINE)).rejects.toThrow(
      /2 records not acknowledged in time: refused by the stream/,
    );
    expect(failing.pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(DEADLINE);
  });
});
