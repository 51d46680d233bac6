import type { Conclusion } from '../../../shared/contract/report/conclusion.ts';
import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { sharedExtent, timeExtent } from '../../../dashboard/charts/extent.ts';
import { orderExperiments } from '../../../dashboard/list/order.ts';
import { atMost } from '../../../dashboard/list/at-most.ts';
import {
  formatAge,
  formatChance,
  formatLift,
  formatP,
  formatShare,
  pEquation,
  shorten,
  shortened,
} from '../../../dashboard/text/format.ts';
import type { ExperimentListItem, WarningCount } from '../../../shared/contract/answers.ts';

describe('numbers in words', () => {
  test('have signs, and never round a chance to a certainty', () => {
    expect(formatShare(0.12345)).toBe('12.35\u202f%');
    expect(formatLift(0.0512)).toBe('+5.1\u202f%');
    expect(formatLift(-0.0512)).toBe('\u22125.1\u202f%');
    expect(formatP(1e-9)).toBe('< 0.0001');
    expect(pEquation(1e-9)).toBe('p < 0.0001');
    expect(pEquation(0.0316)).toBe('p = 0.0316');
    expect(formatChance(1)).toBe('> 99.99\u202f%');
    expect(formatChance(0)).toBe('< 0.01\u202f%');
  });

  test('lose decimals that say nothing on an axis', () => {
    expect(['+20.0\u202f%', '6.50\u202f%', '0.00\u202f%', '1,200', '+0.25\u202f%'].map(shortened)).toEqual([
      '+20\u202f%',
      '6.5\u202f%',
      '0\u202f%',
      '1,200',
      '+0.25\u202f%',
    ]);
  });

  test('tell ages in their largest unit', () => {
    const now = Date.parse('2026-11-20T12:00:00Z');
    expect(formatAge('2026-11-20T11:59:30Z', now)).toBe('just now');
    expect(formatAge('2026-11-20T11:00:00Z', now)).toBe('1 hour ago');
    expect(formatAge('2026-11-17T11:00:00Z', now)).toBe('3 days ago');
  });

  test('a name is cut between characters as readers see them', () => {
    expect(shorten('short', 10)).toBe('short');
    expect(shorten('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 2)).toBe('👩‍👩‍👧…');
  });
});

const finite = fc.double({ min: -5, max: 5, noNaN: true });
const interval = fc
  .tuple(finite, fc.double({ min: 0, max: 50, noNaN: true }), fc.boolean())
  .map(([value, half, open]) => ({ value, low: open ? null : value - half, high: value + half }));

describe('the axis of a table', () => {
  test('has zero and every estimate on it, with room on both sides of zero', () => {
    fc.assert(
      fc.property(fc.array(interval), (intervals) => {
        const [low, high] = sharedExtent(intervals);
        expect(low).toBeLessThan(0);
        expect(high).toBeGreaterThan(0);
        for (const { value } of intervals) {
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
        }
      }),
    );
  });

  test('over time covers every value, and never shrinks to a point', () => {
    fc.assert(
      fc.property(fc.array(fc.option(finite, { nil: null })), fc.boolean(), (values, withZero) => {
        const [low, high] = timeExtent([{ values }], withZero);
        expect(low).toBeLessThan(high);
        for (const value of values) if (value !== null) expect(value >= low && value <= high).toBe(true);
      }),
      { examples: [[[Number.MIN_VALUE], false]] },
    );
  });
});

const WAITING: Conclusion = {
  advice: 'wait',
  variant: null,
  title: 'Wait: too early to tell',
  needsDecision: false,
  reasons: [],
  effect: null,
  guardrails: { total: 0, harmed: 0, unknown: 0 },
  progress: null,
  lines: { effect: null, guardrails: null, checks: 'Nothing found against the figures' },
};
const problem: WarningCount = { code: 'silent', severity: 'problem', count: 1 };
const item = (name: string, more: Partial<ExperimentListItem> = {}): ExperimentListItem => ({
  name,
  status: 'running',
  data: 'counting',
  hidden: false,
  defined: false,
  firstEvent: null,
  lastEvent: '2026-11-20T00:00:00.000Z',
  participants: 1,
  participantsAre: 'exposures',
  variants: 2,
  goals: 1,
  warnings: [],
  verdict: null,
  conclusion: { ...WAITING },
  decision: null,
  ...more,
});

describe('the list', () => {
  const list = [
    item('ended', { status: 'ended', warnings: [problem] }),
    item('old', { lastEvent: '2026-11-01T00:00:00.000Z' }),
    item('draft', { status: 'draft' }),
    item('broken', { warnings: [problem], lastEvent: null }),
    item('new'),
    item('secret', { hidden: true }),
    item('won', { conclusion: { ...WAITING, advice: 'ship', needsDecision: true }, lastEvent: null }),
  ];
  const names = (filter: Partial<Parameters<typeof orderExperiments>[1]>) =>
    orderExperiments(list, { search: '', status: null, showHidden: false, ...filter }).map(({ name }) => name);

  test('shows what needs a decision first, then running experiments, and those with problems on top of them', () => {
    expect(names({})).toEqual(['won', 'broken', 'new', 'old', 'draft', 'ended']);
  });

  test('finds by name and status, and shows what is hidden when asked', () => {
    expect(names({ search: ' OLD ' })).toEqual(['old']);
    expect(names({ status: 'draft' })).toEqual(['draft']);
    expect(names({ showHidden: true, search: 'secret' })).toEqual(['secret']);
  });

  test('asks a few things at a time, all of them, and also after a failure', async () => {
    const inTurn = atMost(2);
    let running = 0;
    let most = 0;
    const task = (n: number) => async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (n === 1) throw new Error('no');
      return n;
    };
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => inTurn(task(n))));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(most).toBe(2);
  });
});
