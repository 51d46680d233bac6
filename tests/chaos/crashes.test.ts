import { afterAll, describe, expect, test } from '@jest/globals';
import { disturbCalls, mischiefs } from './schedules/enumerate.ts';
import { scenarios } from './schedules/scenarios.ts';
import { connectTestRedis } from './world/test-redis.ts';

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

/** A sixth of a target's calls, another for each mischief: `npm run chaos -- --crashes` disturbs all of them. */
const EVERY = 6;

describe.each(scenarios)('$name is counted exactly', (scenario) => {
  test.each(mischiefs.map((mischief, index) => ({ ...mischief, index })))(
    'whichever of its calls is met with: $name',
    async ({ index, ...mischief }) => {
      const isChosen = (call: number) => (call + index) % EVERY === 0;
      expect(await disturbCalls(scenario, mischief, redis, { isChosen })).toEqual([]);
    },
  );
});
