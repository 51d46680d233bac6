import { expect, test } from '@jest/globals';
import { applyRecords, type ApplyDeps, type Target } from '../../../shared/counting/apply.ts';
import { cutSlices } from '../../../shared/counting/visitors/slices.ts';
import type { CountableRecord } from '../../../shared/counting/decode.ts';
import type { Settled } from '../../../shared/counting/dedupe.ts';
import { visits } from '../../support/counting/visits.ts';

const SHARD = 'events/shardId-000000000000';
const PLENTY = () => 300_000;
const target: Target = {
  shard: SHARD,
  pointer: 'g1',
  generation: 'g1',
  ancestors: [],
  watermarks: new Map(),
  respectHold: true,
};

/** Two of these are a slice, which holds at most a thousand events. */
function largeRecord(sequence: string): CountableRecord {
  const events = visits(0, 200).map((event, index) => ({
    event,
    incarnation: 0,
    claim: { id: new Uint8Array(16), owner: `${SHARD}/${sequence}#${index}`, at: 0 },
  }));
  return { sequence, events };
}

const records = ['1', '2', '3', '4', '5'].map(largeRecord);

/** Everything is ours, in the first so many records of each slice in turn. */
async function applyWhere(decided: readonly number[], isTooLarge: (next: string) => boolean = () => false) {
  const moves: string[] = [];
  const turns = [...decided];
  const deps: ApplyDeps = {
    countEvents({ expected, next }, _events, canBeCut) {
      if (canBeCut && isTooLarge(next)) return Promise.resolve('too large');
      moves.push(`${expected ?? 'the beginning'} to ${next}`);
      return Promise.resolve('applied');
    },
    settle(slice): Promise<Settled> {
      const count = turns.shift() ?? slice.length;
      return Promise.resolve({
        records: count,
        owned: slice.slice(0, count).flatMap(({ events }) => events),
        copies: 0,
      });
    },
    onApplied: () => undefined,
  };
  return { outcome: await applyRecords(records, target, deps, PLENTY), moves };
}

test('a large batch is applied slice by slice, each from where the one before it ended', async () => {
  expect([...cutSlices(records)].map((slice) => slice.map(({ sequence }) => sequence))).toEqual([
    ['1', '2'],
    ['3', '4'],
    ['5'],
  ]);
  expect(await applyWhere([])).toEqual({
    outcome: { result: 'applied', through: '5' },
    moves: ['the beginning to 2', '2 to 4', '4 to 5'],
  });
});

test('events with many segments make smaller slices: each counts once more for each of them', () => {
  const segments = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key${i}`, 'label']));
  const withSegments = records.map(({ sequence, events }) => ({
    sequence,
    events: events.slice(0, 200).map((one) => ({ ...one, event: { ...one.event, segments } })),
  }));
  expect([...cutSlices(withSegments)].map((slice) => slice.map(({ sequence }) => sequence))).toEqual([
    ['1'],
    ['2'],
    ['3'],
    ['4'],
    ['5'],
  ]);
});

test('after a slice that is decided in part nothing is counted: its other records would be passed over', async () => {
  expect(await applyWhere([2, 1])).toEqual({
    outcome: { result: 'applied', through: '3' },
    moves: ['the beginning to 2', '2 to 3'],
  });
});

test('nor after a slice of which nothing is decided', async () => {
  expect(await applyWhere([2, 0])).toEqual({
    outcome: { result: 'applied', through: '2' },
    moves: ['the beginning to 2'],
  });
});

test('a slice that turns out to change too much for one call is cut in two', async () => {
  expect(await applyWhere([], (next) => next === '4')).toEqual({
    outcome: { result: 'applied', through: '5' },
    moves: ['the beginning to 2', '2 to 3', '3 to 4', '4 to 5'],
  });
});

test('a single record is counted, however much it changes', async () => {
  expect(await applyWhere([], () => true)).toMatchObject({ outcome: { result: 'applied', through: '5' } });
});
