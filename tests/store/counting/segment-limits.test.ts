import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { consume, type ConsumerDeps } from '../../../shared/counting/consume.ts';
import type { ShardRecord } from '../../../shared/counting/decode.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/contract/limits.ts';
import { createQuarantine } from '../../../shared/stores/dynamodb/quarantine.ts';
import {
  plenty,
  readCounters,
  readCounts,
  realAdmission,
  realDeps,
  replayedOf,
  SHARD,
  withCounters,
} from '../../support/counting/consumer.ts';
import { anEvent, aRecord, aVisitorGoal } from '../../support/counting/events.ts';
import { createReport } from '../../support/report/report.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

/** A consumer that has just started. */
function aConsumer({ limits }: { limits?: Partial<Limits> }): ConsumerDeps {
  const admit = realAdmission(world, {
    limits: { ...DEFAULT_LIMITS, ...limits },
    countOnlyDefined: false,
    now: Date.now,
  });
  return realDeps(world, { admit });
}

const count = (deps: ConsumerDeps, ...records: ShardRecord[]) => consume(SHARD, records, deps, plenty);

describe('beyond the limit', () => {
  test('of segments, an event counts without those that find no place, under the overflow value of their keys', async () => {
    const deps = aConsumer({ limits: { segments: 2 } });
    const admitted = { platform: 'ios', browser: 'a' };
    await count(deps, aRecord(1, [anEvent({ segments: admitted, unit: 'ann' })]));
    await count(
      deps,
      aRecord(2, [
        anEvent({ segments: { platform: 'ios', browser: 'b' }, unit: 'bob' }),
        aVisitorGoal({ event: 'bought', unit: 'bob' }),
      ]),
    );
    expect(await readCounts(world)).toEqual({
      'red:participate': 2,
      'red:participate:platform%3Dios': 2,
      'red:participate:browser%3Da': 1,
      'red:participate:browser%3D(other)': 1,
      'red:bought': 1,
    });
    for await (const { reason } of createQuarantine(world.dynamodb, world.stateTable, Date.now).entries(true)) {
      throw new Error(`nothing is refused, but: ${reason}`);
    }
    expect((await (await createReport(world, Date.now)).experiment('button')).warnings).toContainEqual(
      expect.objectContaining({
        code: 'other_segments',
        message: expect.stringContaining('1 event had values of "browser"'),
      }),
    );
    expect((await readCounters(world)).moments).toMatchObject({
      'red::browser%3D(other)': [1, 0],
      'red:bought:browser%3D(other)': [1, 1, 1, 0, 0],
    });
  });

  test('segments of made-up keys take no more than twenty overflow values', async () => {
    const deps = aConsumer({ limits: { segments: 1 } });
    const keys = Array.from({ length: 25 }, (_, index) => `key${index}`);
    const events = keys.map((key) => anEvent({ segments: { [key]: 'label' } }));
    await count(deps, aRecord(1, [anEvent({ segments: { platform: 'ios' } }), ...events]));
    const counts = await readCounts(world);
    expect(counts['red:participate']).toBe(26);
    expect(Object.keys(counts).filter((field) => field.endsWith('%3D(other)'))).toHaveLength(20);
  });

  test('what was decided of segments holds for the retry and the replay, also where limits have been raised', async () => {
    const record = aRecord(1, [anEvent({ segments: { platform: 'ios' } }), anEvent({ segments: { platform: 'b' } })]);
    const narrow = aConsumer({ limits: { segments: 1 } });
    const dying = { ...narrow.counters, apply: () => Promise.reject(new Error('killed')) };
    expect(await count({ ...narrow, ...withCounters(dying) }, record)).toBe(record.sequence);
    await count(aConsumer({}), record);
    const counted = {
      'red:participate': 2,
      'red:participate:platform%3Dios': 1,
      'red:participate:platform%3D(other)': 1,
    };
    expect(await readCounts(world)).toEqual(counted);
    const replayed = await replayedOf(world, record, narrow.deletions);
    expect(replayed.owned.map(({ event }) => event.segments)).toEqual([{ platform: 'ios' }, { platform: '(other)' }]);
  });
});
