import { afterAll, describe, expect, test } from '@jest/globals';
import { mapAtOnce } from '../../shared/map-at-once.ts';
import { scheduleOf } from './simulator/generate.ts';
import { runSchedule } from './simulator/run-schedule.ts';
import { describeStep, type Schedule } from './simulator/schedule.ts';
import { shrink } from './simulator/shrink.ts';
import { connectTestRedis } from './simulator/test-redis.ts';

const AT_ONCE = 8;
const SHRINK_MS = 30_000;

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

/** What went wrong, in the shortest schedule that was found; nothing where nothing did. */
async function complaintsOf(schedule: Schedule): Promise<string[]> {
  const fails = async (candidate: Schedule) => (await runSchedule(candidate, redis)).result !== 'exact';
  if (!(await fails(schedule))) return [];
  const shortest = await shrink(schedule, fails, SHRINK_MS);
  const { result, complaints, broken } = await runSchedule(shortest, redis);
  return [
    `seed ${schedule.seed}, ${shortest.shards} shards: ${result}`,
    ...shortest.steps.map(describeStep),
    ...complaints.map(({ what, expected, found }) => `${what}: ${found} instead of ${expected}`),
    ...broken,
  ];
}

describe('whatever happens', () => {
  test.each([1, 2, 3, 4, 5, 6])('every counter is exact when the dust has settled: schedules of part %i of 6', async (part) => {
    const seeds = Array.from({ length: 50 }, (_, index) => part * 1_000 + index);
    const complaints = await mapAtOnce(AT_ONCE, seeds, (seed) => complaintsOf(scheduleOf(seed)));
    expect(complaints.flat()).toEqual([]);
  });

  test('a seed repeats its schedule call by call', async () => {
    const runs = await Promise.all([runSchedule(scheduleOf(7), redis), runSchedule(scheduleOf(7), redis)]);
    expect(runs[0]).toEqual(runs[1]);
  });
});
