import { expect, test } from '@jest/globals';
import { createRedisClock } from '../../../shared/stores/redis/clock.ts';
import { NOON } from '../../support/counting/events.ts';

/** Redis' clock is so far ahead of one's own, and its answer takes so long. */
function clockOf(aheadMs: number, tripMs = 0) {
  let own = NOON;
  const time = () => {
    own += tripMs;
    return Promise.resolve([Math.floor((own + aheadMs) / 1_000), ((own + aheadMs) % 1_000) * 1_000]);
  };
  return createRedisClock({ time }, () => own);
}

test("what is deleted is deleted by Redis' clock, whoever asks for it", async () => {
  expect(await clockOf(321)()).toBe(NOON + 321);
  expect(await clockOf(-500)()).toBe(NOON - 500);
});

test('a slow answer is no difference between clocks', async () => {
  expect(await clockOf(0, 3_000)()).toBe(NOON + 3_000);
});

test.each([600_000, -600_000, 501])(
  'a clock that is wrong by %i ms is refused, and both times are named',
  async (ms) => {
    const refused = clockOf(ms)();
    await expect(refused).rejects.toThrow(new Date(NOON).toISOString());
    await expect(refused).rejects.toThrow(new Date(NOON + ms).toISOString());
  },
);
