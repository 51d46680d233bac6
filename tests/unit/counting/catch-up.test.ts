import { expect, test } from '@jest/globals';
import { NO_EVENT_LOG } from '../../../shared/counting/log/event-log.ts';
import { catchUp, type CatchUpDeps } from '../../../shared/counting/catch-up.ts';
import type { Move } from '../../../shared/counting/counters.ts';
import type { Page, StoredRecord } from '../../../shared/counting/ports.ts';
import type { RecordFormats } from '../../../shared/counting/ports.ts';
import { decodeRecord } from '../../../shared/counting/stream-record.ts';
import { aRecord, NOON, ownFormats } from '../../support/counting/events.ts';
import { visits } from '../../support/counting/visits.ts';

const SHARD = 'events/shardId-000000000000';

/** Four records of one event each, in pages of two. */
const records = visits(0, 2).map((event, index): StoredRecord => {
  return { ...aRecord(0, [event]), sequence: `${index + 1}`, arrival: NOON };
});
const pages: Page[] = [records.slice(0, 2), records.slice(2)].map((page) => ({
  records: page,
  trimmed: false,
  behindMs: 0,
}));

/** @param unreadable the records whose claims cannot be read now */
async function catchUpWhere(unreadable: readonly string[], formats: RecordFormats = ownFormats) {
  const told = { moves: [] as string[], pages: 0, losses: 0 };
  let read = 0;
  const noteMove = ({ expected, next }: Move) => {
    told.moves.push(`${expected ?? 'the beginning'} to ${next}`);
    return Promise.resolve('applied' as const);
  };
  const deps: CatchUpDeps = {
    counters: { apply: noteMove },
    countEvents: noteMove,
    claims: {
      readOwners: (ids) =>
        Promise.resolve(
          ids.map(() => {
            const sequence = `${(read += 1)}`;
            return unreadable.includes(sequence) ? undefined : `${SHARD}/${sequence}#0`;
          }),
        ),
    },
    formats,
    deletions: { read: () => Promise.resolve(new Map()) },
    losses: {
      record() {
        told.losses += 1;
        return Promise.resolve();
      },
    },
    reader: {
      async *read() {
        for (const page of pages) {
          told.pages += 1;
          yield await Promise.resolve(page);
        }
      },
    },
    now: () => NOON,
    log: NO_EVENT_LOG,
    onPage: () => undefined,
  };
  const target = {
    shard: SHARD,
    pointer: 'g1',
    generation: 'g1',
    ancestors: [],
    watermarks: new Map<string, string>(),
    respectHold: true,
  };
  const result = await catchUp(target, { until: '4', first: '1' }, deps, () => 300_000);
  return { result, ...told };
}

test('a shard is counted again page by page, up to the goal', async () => {
  expect(await catchUpWhere([])).toEqual({
    result: 'done',
    moves: ['the beginning to 2', '2 to 4'],
    pages: 2,
    losses: 0,
  });
});

test('after a page that is decided in part nothing more is read or called lost: it goes on later from there', async () => {
  expect(await catchUpWhere(['2'])).toEqual({
    result: 'unfinished',
    moves: ['the beginning to 1'],
    pages: 1,
    losses: 0,
  });
});

test('nor after a page of which nothing is decided', async () => {
  expect(await catchUpWhere(['1', '2'])).toEqual({ result: 'unfinished', moves: [], pages: 1, losses: 0 });
});

test('what a newer version has counted is not passed over: somebody has to deploy that version again', async () => {
  const older = { decode: (data: Uint8Array) => decodeRecord(data, 0), highest: () => Promise.resolve(1) };
  await expect(catchUpWhere([], older)).rejects.toThrow(/record 1 has version 1, which a newer version of Mem has/);
});
