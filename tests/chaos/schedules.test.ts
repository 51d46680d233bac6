import { afterAll, describe, expect, test } from '@jest/globals';
import { mapAtOnce } from '../../shared/runtime/map-at-once.ts';
import { explain } from './schedules/explain.ts';
import { scheduleOf } from './schedules/generate.ts';
import { runSchedule } from './schedules/run-schedule.ts';
import { connectTestRedis } from './world/test-redis.ts';

const AT_ONCE = 16;
const SCHEDULES = 50;

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

describe('whatever happens', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'every counter is exact when the dust has settled: schedules of part %i of 6',
    async (part) => {
      const seeds = Array.from({ length: SCHEDULES }, (_, index) => part * 1_000 + index);
      const complaints = await mapAtOnce(AT_ONCE, seeds, (seed) => explain(scheduleOf(seed), redis));
      expect(complaints.flat()).toEqual([]);
    },
  );

  test('a seed repeats its schedule call by call', async () => {
    const runs = await Promise.all([runSchedule(scheduleOf(7), redis), runSchedule(scheduleOf(7), redis)]);
    expect(runs[0]).toEqual(runs[1]);
  });
});
