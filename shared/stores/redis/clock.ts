import { RequestError } from '../../runtime/errors.ts';
import type { RedisClient } from './client.ts';

/** By how much Redis' clock and the one of whoever deletes may differ. */
export const MOST_SKEW_MS = 500;

/**
 * The time of Redis, ms since 1970: whoever deletes, from wherever, does it by one clock. Redis' is compared with the
 * caller's own, since neither can be known to be the wrong one.
 * @param ownNow the caller's clock, ms since 1970
 */
export function createRedisClock(redis: Pick<RedisClient, 'time'>, ownNow: () => number): () => Promise<number> {
  return async () => {
    const asked = ownNow();
    const [seconds, microseconds] = await redis.time();
    return agreedTime(Number(seconds) * 1_000 + Number(microseconds) / 1_000, asked, ownNow());
  };
}

/**
 * @param stored the time of the store, in an answer that was asked for and received at these times of one's own, ms
 * @returns the store's time, in whole ms
 * @throws RequestError that names both times where they differ by more than half a second
 */
export function agreedTime(stored: number, asked: number, received: number): number {
  if (stored >= asked - MOST_SKEW_MS && stored <= received + MOST_SKEW_MS) return Math.floor(stored);
  throw new RequestError(
    503,
    'clocks_differ',
    `expected Redis' clock and the one here to agree within ${MOST_SKEW_MS} ms, got ${iso(stored)} and ${iso(received)}: ` +
      'nothing is deleted; synchronise the clock that is wrong (NTP), and delete again',
  );
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
