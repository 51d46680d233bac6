import { afterAll, describe, expect, test } from '@jest/globals';
import { disturbEveryCall, mischiefs } from './schedules/enumerate.ts';
import { scenarios } from './schedules/scenarios.ts';
import { connectTestRedis } from './world/test-redis.ts';

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

describe.each(scenarios)('$name is counted exactly', (scenario) => {
  test.each(mischiefs)('whichever of its calls is met with: $name', async (mischief) => {
    expect(await disturbEveryCall(scenario, mischief, redis)).toEqual([]);
  });
});
