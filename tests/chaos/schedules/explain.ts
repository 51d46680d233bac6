import type { Redis } from 'ioredis';
import { runSchedule } from './run-schedule.ts';
import { describeStep, type Schedule } from './schedule.ts';
import { shrink } from './shrink.ts';

const SHRINK_MS = 60_000;

/** What goes wrong in a schedule, line by line, in the shortest form of it that could be found; nothing if it is exact. */
export async function explain(schedule: Schedule, redis: Redis): Promise<string[]> {
  const fails = async (candidate: Schedule) => (await runSchedule(candidate, redis)).result !== 'exact';
  if (!(await fails(schedule))) return [];
  const shortest = await shrink(schedule, fails, SHRINK_MS);
  const { result, complaints, broken } = await runSchedule(shortest, redis);
  return [
    `seed ${schedule.seed}: ${result}. The shortest schedule that was found, on ${shortest.shards} shards:`,
    ...shortest.steps.map((step) => `  ${describeStep(step)}`),
    ...complaints.map(({ what, expected, found }) => `${what}: ${found} instead of ${expected}`),
    ...broken,
  ];
}
