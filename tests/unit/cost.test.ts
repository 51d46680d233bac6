import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { costLines } from '../../cli/commands/set-up/cost.ts';
import { priceOf, sumOf, type Load } from '../../cli/cost/price.ts';
import { PRICES, type Prices } from '../../cli/cost/prices.ts';
import { ASSUMED, SETTINGS } from '../../cli/cost/usage.ts';

const [prices] = PRICES as [Prices];
const load: Load = {
  events: 100e6,
  perRequest: 1,
  duplicates: ASSUMED.duplicates,
  ingestMs: ASSUMED.ingestMs,
  batchWindowSeconds: SETTINGS.batchWindowSeconds,
  visitors: 0,
  redis: 'serverless',
  claims: 'on-demand',
  capacityUse: ASSUMED.capacityUse,
  eventLog: true,
};
/** Dollars for what a million events make grow, at 100 million a month, without duplicates. */
const GOAL = { single: 2.3, inBatchesOf10: 0.8 };
const growing = (changes: Partial<Load>) => {
  const changed = { ...load, ...changes };
  return sumOf(priceOf(changed, prices), ['event', 'batch']) / (changed.events / 1e6);
};

describe('docs/cost.md', () => {
  const page = readFileSync('docs/cost.md', 'utf8');

  test('has the parts as mem cost prints them', () => {
    expect(page).toContain(costLines(priceOf(load, prices), load, prices).join('\n'));
  });

  test.each([1, 10, 25])('has what a million events cost with %i in a request', (perRequest) => {
    const changed = { ...load, perRequest };
    const parts = priceOf(changed, prices);
    const cells = [sumOf(parts, ['event']), sumOf(parts, ['batch'])].map((dollars) => (dollars / 100).toFixed(2));
    expect(page).toContain(
      `| ${perRequest} | ${cells.join(' | ')} | **${growing(changed).toFixed(2)}** | ${(sumOf(parts) / 100).toFixed(2)} |`,
    );
  });

  test.each<[string, Partial<Load>]>([
    ['claims on demand', {}],
    ['claims on demand, no event log', { eventLog: false }],
    ['claims on demand, window of 1 s', { batchWindowSeconds: 1 }],
    ['claims on demand, window of 30 s', { batchWindowSeconds: 30 }],
    ['claims provisioned', { claims: 'provisioned' }],
    ['claims provisioned, no event log', { claims: 'provisioned', eventLog: false }],
    ['claims provisioned, half in use', { claims: 'provisioned', capacityUse: 0.5 }],
  ])('says how near it is to the goal: %s', (what, changes) => {
    const cells = [1, 10, 25].flatMap((perRequest) =>
      [0, ASSUMED.duplicates].map((duplicates) => growing({ ...changes, duplicates, perRequest }).toFixed(2)),
    );
    expect(page).toContain(`| ${what} | ${cells.join(' | ')} |`);
  });

  test('the goal is met: single events without duplicates and event log, both where claims are provisioned, duplicates or not', () => {
    expect(growing({ duplicates: 0, eventLog: false })).toBeLessThanOrEqual(GOAL.single);
    expect(growing({ claims: 'provisioned' })).toBeLessThanOrEqual(GOAL.single);
    expect(growing({ claims: 'provisioned', perRequest: 10 })).toBeLessThanOrEqual(GOAL.inBatchesOf10);
    const [single, inBatches] = [GOAL.single, GOAL.inBatchesOf10].map((dollars) => `**${dollars.toFixed(2)}**`);
    expect(page).toContain(`| goal | ${single ?? ''} | | ${inBatches ?? ''} | | | |`);
  });

  test('says what a million cost at other volumes, and visitors in Redis', () => {
    for (const perRequest of [1, 10]) {
      const cells = [1e6, 10e6, 100e6, 1e9].map((events) => growing({ events, perRequest }).toFixed(2));
      expect(page).toContain(` | ${cells.join(' | ')} |`);
    }
    const memory = [1e6, 10e6, 50e6].map((visitors) =>
      sumOf(priceOf({ ...load, visitors }, prices).filter(({ name }) => name === 'Redis memory')).toFixed(0),
    );
    expect(page).toContain(
      `a million of them cost ${memory[0] ?? ''} $ a month, 10 million ${memory[1] ?? ''} $, 50 million ${memory[2] ?? ''} $`,
    );
  });
});

describe('the price of a month', () => {
  test('has a fixed part that events do not change', () => {
    const fixed = [0, 1e6, 1e9].map((events) => sumOf(priceOf({ ...load, events }, prices), ['month']));
    expect(new Set(fixed).size).toBe(1);
  });

  test('falls with events in a request, and never with more events', () => {
    const bySize = [1, 2, 10, 25, 250].map((perRequest) => growing({ perRequest }));
    expect(bySize).toEqual([...bySize].sort((a, b) => b - a));
    const totals = [0, 1e3, 1e6, 1e8, 1e10].map((events) => sumOf(priceOf({ ...load, events }, prices)));
    expect(totals).toEqual([...totals].sort((a, b) => a - b));
  });

  test('has no batch without records, and never more events in one than it takes', () => {
    expect(sumOf(priceOf({ ...load, events: 0 }, prices), ['batch'])).toBe(0);
    const many = growing({ events: 1e12 });
    expect(many).toBeLessThan(growing({}));
  });

  test('of provisioned claims has a fixed part for what is always ready, and grows as less of it is used', () => {
    const fixedOf = (claims: Load['claims']) => sumOf(priceOf({ ...load, claims }, prices), ['month']);
    expect(fixedOf('provisioned')).toBeGreaterThan(fixedOf('on-demand'));
    const byUse = [1, 0.7, 0.3].map((capacityUse) => growing({ claims: 'provisioned', capacityUse }));
    expect(byUse).toEqual([...byUse].sort((a, b) => a - b));
  });

  test('has a part for the config only where somebody asks for it', () => {
    const configOf = (configRequests: number) =>
      sumOf(priceOf({ ...load, configRequests }, prices).filter(({ name }) => name === 'config'));
    expect(configOf(0)).toBe(0);
    expect(configOf(1e6)).toBeGreaterThan(1.2);
    expect(configOf(10e6)).toBeLessThan(10 * configOf(1e6));
  });

  test('of the event log is what it reads again, and what it keeps; nothing where there is none', () => {
    const logOf = (changes: Partial<Load>) =>
      priceOf({ ...load, ...changes }, prices).filter(({ name }) => name.startsWith('event log'));
    expect(logOf({ eventLog: false })).toEqual([]);
    const perMillion = sumOf(logOf({ duplicates: 0 }), ['event']) / 100;
    expect(perMillion).toBeGreaterThan(prices.tableReadsPerMillion); // a claim is read for each event
    expect(perMillion).toBeLessThan(2 * prices.tableReadsPerMillion);
    expect(sumOf(logOf({ claims: 'provisioned' }))).toBeLessThan(sumOf(logOf({})));
  });

  test('is without Redis where there is one already, and grows with the visitors that it remembers', () => {
    const redisOf = (changes: Partial<Load>) =>
      priceOf({ ...load, ...changes }, prices).filter(({ name }) => name.startsWith('Redis'));
    expect(sumOf(redisOf({ redis: 'own' }))).toBe(0);
    expect(sumOf(redisOf({ visitors: 50e6 }))).toBeGreaterThan(sumOf(redisOf({})));
  });
});
