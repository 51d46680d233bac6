import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { consume } from '../../../shared/counting/consume.ts';
import type { ExperimentAnswer } from '../../../shared/contract/answers.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { plenty, realDeps, SHARD } from '../../support/counting/consumer.ts';
import { aRecord } from '../../support/counting/events.ts';
import { createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let report: ReportUnderTest;

beforeAll(async () => {
  world = await createWorld();
  report = await createReport(world);
});

afterAll(() => world.close());

const GOALS = ['x', 'y'];

const events = (experiment: string) =>
  fc.record(
    {
      namespace: fc.constant('alephbet'),
      experiment: fc.constant(experiment),
      variant: fc.constantFrom('a', 'a', 'a', 'b'),
      event: fc.constantFrom('participate', 'participate', ...GOALS),
      uuid: fc.integer({ min: 0, max: 60 }).map((n) => `uuid-${n}`),
      unit: fc.integer({ min: 0, max: 12 }).map((n) => `unit-${n}`),
      value: fc.integer({ min: -50, max: 100 }),
    },
    { requiredKeys: ['namespace', 'experiment', 'variant', 'event', 'uuid', 'unit'] },
  );

interface Visitor {
  variant: string;
  crossed: boolean;
  goals: Map<string, { n: number; v: number }>;
}

/** Each identity once, in stream order; the first exposure fixes the variant; goals count after it, in it. */
function visitorsOf(stream: readonly TrackedEvent[]): Visitor[] {
  const seen = new Set<string>();
  const visitors = new Map<string, Visitor>();
  for (const { variant, event, uuid, unit = '', value = 0 } of stream) {
    const identity = JSON.stringify([variant, event, uuid]);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const visitor = visitors.get(unit);
    if (!visitor) {
      if (event === 'participate') visitors.set(unit, { variant, crossed: false, goals: new Map() });
    } else if (visitor.variant !== variant) {
      visitor.crossed = true;
    } else if (event !== 'participate') {
      const { n, v } = visitor.goals.get(event) ?? { n: 0, v: 0 };
      visitor.goals.set(event, { n: n + 1, v: v + value });
    }
  }
  return [...visitors.values()];
}

const valueOf = {
  n: (visitor: Visitor, goal: string) => visitor.goals.get(goal)?.n ?? 0,
  pct: (visitor: Visitor, goal: string) => (visitor.goals.has(goal) ? 1 : 0),
  sum: (visitor: Visitor, goal: string) => visitor.goals.get(goal)?.v ?? 0,
};

/** Two passes over the values themselves: mean, and deviation with n - 1. */
function describeValues(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length === 1 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

function checkMetrics(answer: ExperimentAnswer, visitors: readonly Visitor[]): void {
  for (const { name, metric, results } of answer.metrics) {
    if (metric === 'conversions') throw new Error('conversions are no metric on visitors');
    for (const { variant, units, measured } of results) {
      const values = visitors
        .filter((visitor) => visitor.variant === variant)
        .map((visitor) => valueOf[metric](visitor, name));
      expect(units).toBe(values.length);
      if (values.length === 0) continue;
      const { mean, deviation } = describeValues(values);
      expect(measured.value).toBeCloseTo(mean, 9);
      expect(measured).toMatchObject({ deviation: expect.closeTo(deviation, 6) });
    }
  }
  for (const { name, units, crossovers } of answer.variants) {
    const own = visitors.filter(({ variant }) => variant === name);
    expect(units ?? 0).toBe(own.length);
    expect(crossovers ?? 0).toBe(own.filter(({ crossed }) => crossed).length);
  }
  const warned = answer.warnings.some(({ code }) => code === 'crossovers');
  expect(warned).toBe(
    visitors.filter(({ crossed }) => crossed).length >= 0.01 * visitors.length && visitors.length > 0,
  );
}

describe('metrics on visitors', () => {
  it('equal a direct computation over the raw events, whatever was sent or delivered twice', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(events('to be named'), { minLength: 1, maxLength: 80 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
        async (drawn, cuts) => {
          run += 1;
          const experiment = `run ${run}`;
          const stream = drawn.map((event): TrackedEvent => ({ ...event, experiment }));
          await deliver(stream, cuts, run);
          checkMetrics(await report.experiment(experiment), visitorsOf(stream));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** In records of various lengths, each batch delivered twice, the second time with the one before it. */
async function deliver(stream: readonly TrackedEvent[], cuts: readonly number[], run: number): Promise<void> {
  const records = [];
  for (let first = 0, i = 0; first < stream.length; i += 1) {
    const length = cuts[i % cuts.length] ?? 1;
    records.push(aRecord(run * 1_000 + i, stream.slice(first, first + length)));
    first += length;
  }
  const deps = realDeps(world);
  for (const [i, record] of records.entries()) {
    expect(await consume(SHARD, [record], deps, plenty)).toBeUndefined();
    const before = records[i - 1];
    expect(await consume(SHARD, before ? [before, record] : [record], deps, plenty)).toBeUndefined();
  }
}
