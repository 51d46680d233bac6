import { afterAll, describe, expect, test } from '@jest/globals';
import { findFailure } from './schedules/find-failure.ts';
import { rules } from './rules/rules.ts';
import { connectTestRedis } from './world/test-redis.ts';

const SCHEDULES = 40;

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

describe('the simulator finds out where a rule is missing', () => {
  test.each(rules.filter(({ harmless }) => harmless === undefined))('$name', async (rule) => {
    expect(await findFailure(rule, SCHEDULES, redis)).toBeDefined();
  });
});
