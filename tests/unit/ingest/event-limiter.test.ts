import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  createEventLimiter,
  networkOf,
  type AddToTally,
  type EventLimiter,
} from '../../../functions/ingest/event-limiter.ts';
import type { EventLimits } from '../../../shared/contract/limits.ts';

let now: number;
let tallies: Map<string, number>;
const addToTally = jest.fn<AddToTally>();

beforeEach(() => {
  now = 1_000_000;
  tallies = new Map();
  addToTally.mockReset().mockImplementation((name, events, windowEnds) => {
    const key = `${windowEnds} ${name}`;
    tallies.set(key, (tallies.get(key) ?? 0) + events);
    return Promise.resolve(tallies.get(key) ?? 0);
  });
});

const aLimiter = (limits: Partial<EventLimits>): EventLimiter =>
  createEventLimiter({ perSecond: 0, perSecondByAddress: 0, ...limits }, addToTally, () => now);

/** Sends requests of 500 events until one has to wait. @returns how many events came through */
async function flood(limiters: readonly EventLimiter[], addressOf: (request: number) => string): Promise<number> {
  let through = 0;
  for (let request = 0; request < 10_000; request += 1) {
    const limiter = limiters[request % limiters.length];
    const address = addressOf(request);
    if (!limiter || limiter.secondsToWait(address) !== undefined) return through;
    await limiter.count(address, 500);
    through += 500;
  }
  return through;
}

describe('a bound of events', () => {
  test('lets ten seconds of them through at once, and the rest after the window', async () => {
    const limiter = aLimiter({ perSecond: 1_000 });
    now += 4_000;
    expect(await flood([limiter], () => '192.0.2.1')).toBe(10_000);
    expect(limiter.secondsToWait('192.0.2.2')).toBe(6);
    now += 6_000;
    expect(limiter.secondsToWait('192.0.2.2')).toBeUndefined();
  });

  test('is one bound for all instances, but for what each has not told yet', async () => {
    const limiters = Array.from({ length: 20 }, () => aLimiter({ perSecond: 10_000 }));
    const through = await flood(limiters, () => '192.0.2.1');
    expect(through).toBeGreaterThanOrEqual(100_000);
    expect(through).toBeLessThanOrEqual(100_000 * 1.2 + 20 * 500);
  });

  test('of one address leaves the others alone', async () => {
    const limiter = aLimiter({ perSecond: 10_000, perSecondByAddress: 1_000 });
    expect(await flood([limiter], () => '192.0.2.1')).toBe(10_000);
    expect(limiter.secondsToWait('192.0.2.1')).toBeGreaterThan(0);
    expect(limiter.secondsToWait('192.0.2.2')).toBeUndefined();
  });

  test('of all is met by many addresses together', async () => {
    const limiter = aLimiter({ perSecond: 10_000, perSecondByAddress: 1_000 });
    expect(await flood([limiter], (request) => `192.0.2.${request % 250}`)).toBe(100_000);
  });

  test('asks nobody while few come, and forgets a window with its end', async () => {
    const limiter = aLimiter({ perSecond: 10_000, perSecondByAddress: 2_500 });
    for (let request = 0; request < 900; request += 1) {
      await limiter.count('192.0.2.1', 1);
      now += 100;
    }
    expect(addToTally).not.toHaveBeenCalled();
  });

  test('is what an instance has seen itself, where tallies cannot be reached', async () => {
    addToTally.mockRejectedValue(new Error('throttled'));
    expect(await flood([aLimiter({ perSecond: 1_000 })], () => '192.0.2.1')).toBe(10_000);
  });

  test('of 0 bounds nothing', async () => {
    expect(await flood([aLimiter({})], () => '192.0.2.1')).toBe(5_000_000);
    expect(addToTally).not.toHaveBeenCalled();
  });

  test('tells no address, and of however many keeps a few thousand tallies', async () => {
    const limiter = aLimiter({ perSecondByAddress: 1 });
    for (let i = 0; i < 20_000; i += 1) await limiter.count(`2001:db8:${i % 5_000}:${i}::1`, 1);
    expect(tallies.size).toBeLessThanOrEqual(4_096);
    expect([...tallies.keys()].filter((key) => !/^\d+ address \d{1,4}$/.test(key))).toEqual([]);
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::7', '2001:db8:0:0'],
  ['2001:db8::3:4:5:6:7', '2001:db8:0:3'],
  ['::1', '0:0:0:0'],
  ['', ''],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
