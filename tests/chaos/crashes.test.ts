import { afterAll, describe, expect, test } from '@jest/globals';
import { disturbCalls, mischiefs } from './schedules/enumerate.ts';
import { scenarios } from './schedules/scenarios.ts';
import { connectTestRedis } from './world/test-redis.ts';

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

/** Every third of a target's calls, another third for each mischief: `npm run chaos -- --crashes` disturbs all of them. */
const EVERY = 3;

describe.each(scenarios)('$name is counted exactly', (scenario) => {
  test.each(mischiefs.map((mischief, index) => ({ ...mischief, index })))(
    'whichever of its calls is met with: $name',
    async ({ index, ...mischief }) => {
      const isChosen = (call: number) => (call + index) % EVERY === 0;
      expect(await disturbCalls(scenario, mischief, redis, { isChosen })).toEqual([]);
    },
  );
});
