import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLosses } from '../../../shared/stores/dynamodb/losses.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { createCheckpoints } from '../../../shared/stores/dynamodb/checkpoints.ts';
import { anEvent, DAY_MS, NOON, sequenceOf } from '../../support/counting/events.ts';
import { codesOf, createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { traffic } from '../../support/counting/traffic.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

const HOUR_MS = 3_600_000;

let world: World;
let report: ReportUnderTest;
let now = NOON + 10 * DAY_MS;

beforeAll(async () => {
  world = await createWorld();
  report = await createReport(world, () => now);
});

afterAll(() => world.close());

const even = [
  { name: 'a', weight: 1 },
  { name: 'b', weight: 1 },
];

/** The warning of a code in the experiment's answer, which the list has to count. */
async function warningOf(name: string, code: string) {
  const same = (await report.experiment(name)).warnings.filter((candidate) => candidate.code === code);
  const [warning] = same;
  const listed = (await report.list()).experiments.find((candidate) => candidate.name === name);
  const counted = warning && { code, severity: warning.severity, count: same.length };
  expect(listed?.warnings.find((candidate) => candidate.code === code)).toEqual(counted);
  return warning;
}

describe('an experiment warns of', () => {
  it('a split that is not as configured, with p, what came and what should have', async () => {
    await report.count(
      traffic('split', [
        { variant: 'a', participants: 400 },
        { variant: 'b', participants: 230 },
      ]),
    );
    await report.define('split', { variants: even });
    const warning = await warningOf('split', 'sample_ratio');
    expect(warning).toMatchObject({
      severity: 'problem',
      arms: [
        { variant: 'a', observed: 400, expected: 315 },
        { variant: 'b', observed: 230, expected: 315 },
      ],
    });
    expect(warning?.p).toBeLessThan(0.001);
    expect(warning?.cause).not.toBe('');
    expect(warning?.cure).not.toBe('');
  });

  it('a split that is far from even where nobody configured one, as a question that leaves verdicts alone', async () => {
    await report.count(
      traffic('uneven', [
        { variant: 'a', participants: 400, goals: { x: 40 } },
        { variant: 'b', participants: 230, goals: { x: 23 } },
      ]),
    );
    const warning = await warningOf('uneven', 'uneven_split');
    expect(warning).toMatchObject({ severity: 'caution', arms: [{ expected: 315 }, { expected: 315 }] });
    expect(warning?.message).toContain('63.5 % : 36.5 %');
    const { sampleRatio, variants, goals } = await report.experiment('uneven');
    expect(sampleRatio).toMatchObject({ assumed: true, alarm: false });
    expect(variants.map(({ expected }) => expected)).toEqual([null, null]);
    expect(goals[0]?.results[1]?.comparison?.verdict.kind).not.toBe('invalid');
  });

  it('more conversions than participants, and offers the metric that can be', async () => {
    await report.count([
      anEvent({ experiment: 'many' }),
      anEvent({ experiment: 'many', event: 'x' }),
      anEvent({ experiment: 'many', event: 'x' }),
    ]);
    expect(await warningOf('many', 'conversions_above_participants')).toMatchObject({ goal: 'x', variants: ['red'] });
    expect((await report.experiment('many')).goals[0]?.results[0]?.measured).toMatchObject({ value: null });
  });

  it('a variant that the definition does not name, and leaves it out of the comparison', async () => {
    await report.count(
      traffic('typo', [
        { variant: 'a', participants: 2 },
        { variant: 'bb', participants: 1, goals: { x: 1 } },
      ]),
    );
    await report.define('typo', { variants: even });
    expect(await warningOf('typo', 'unknown_variant')).toMatchObject({ variants: ['bb'] });
    expect(await warningOf('typo', 'missing_variant')).toMatchObject({ variants: ['b'] });
    const { variants, goals } = await report.experiment('typo');
    expect(variants.map(({ name, compared }) => [name, compared])).toEqual([
      ['a', true],
      ['b', true],
      ['bb', false],
    ]);
    expect(goals[0]?.results.map(({ variant }) => variant)).toEqual(['a', 'b']);
  });

  it('names that differ only by what nobody sees', async () => {
    await report.count(
      traffic('alike', [
        { variant: 'a', participants: 2, goals: { bought: 1, 'bou\u00adght': 1 } },
        { variant: 'caf\u00e9', participants: 1 },
        { variant: 'caf\u00e9\u200b', participants: 1 },
      ]),
    );
    const { warnings } = await report.experiment('alike');
    const found = warnings.filter(({ code }) => code === 'lookalike_names');
    expect(found).toMatchObject([
      { variants: ['caf\u00e9', 'caf\u00e9\u200b'] },
      { goal: expect.stringContaining('bou') },
    ]);
    expect(found[0]?.message).toContain('café\\u200b');
  });

  it('crossovers from one in a hundred on', async () => {
    await report.count(traffic('cross', [{ variant: 'a', participants: 100 }]));
    expect(codesOf(await report.experiment('cross'))).not.toContain('crossovers');
    await report.count([anEvent({ experiment: 'cross', variant: 'b', unit: 'a-7' })]);
    expect((await warningOf('cross', 'crossovers'))?.message).toContain('1 %');
  });

  it('silence while others have events, and not where that is its pace', async () => {
    await report.count(traffic('silent', [{ variant: 'a', participants: 300 }]), now - 3 * HOUR_MS);
    await report.count(traffic('slow', [{ variant: 'a', participants: 1 }]), now - 3 * HOUR_MS);
    await report.count([anEvent({ experiment: 'lively' })], now - 1_000);
    expect((await warningOf('silent', 'silent'))?.severity).toBe('problem');
    expect(codesOf(await report.experiment('slow'))).not.toContain('silent');
    await report.define('silent', { status: 'ended' });
    expect(codesOf(await report.experiment('silent'))).not.toContain('silent');
  });

  it('too little time, until three days are over', async () => {
    await report.count([anEvent({ experiment: 'young' })], now - 2 * DAY_MS);
    expect(await warningOf('young', 'under_three_days')).toMatchObject({ severity: 'note' });
    now += 2 * DAY_MS;
    expect(codesOf(await report.experiment('young'))).not.toContain('under_three_days');
  });

  it('a lift that is too good', async () => {
    await report.count(
      traffic('wow', [
        { variant: 'a', participants: 300, goals: { x: 60 } },
        { variant: 'b', participants: 300, goals: { x: 100 } },
      ]),
    );
    expect(await warningOf('wow', 'suspicious_lift')).toMatchObject({ goal: 'x', variants: ['b'] });
  });

  it('a goal that was never received, and events outside of its dates', async () => {
    await report.count([anEvent({ experiment: 'dated' })]);
    await report.define('dated', { start: '2026-11-21', goals: { primary: [{ name: 'x' }] } });
    expect(await warningOf('dated', 'missing_goal')).toMatchObject({ goal: 'x' });
    expect((await warningOf('dated', 'outside_dates'))?.message).toContain('before its start (2026-11-21)');
    expect((await report.experiment('dated')).goals[0]).toMatchObject({ received: false });
  });

  it('a counter that holds no count, which blanks nothing else', async () => {
    await report.count([
      anEvent({ experiment: 'foreign' }),
      anEvent({ experiment: 'foreign', event: 'x' }),
      anEvent({ experiment: 'foreign', event: 'y' }),
    ]);
    const keys = createRedisKeys(world.prefix);
    await world.redis.hset(keys.counts('g1', 'alephbet:foreign@0'), 'red:x', 'many', '%zz:%', '3');
    expect(codesOf(await report.experiment('foreign'))).toContain('broken_counter');
    const { goals } = await report.experiment('foreign');
    expect(goals.find(({ name }) => name === 'y')?.results.find(({ variant }) => variant === 'red')).toMatchObject({
      count: 1,
    });
  });
});

describe('all experiments warn of', () => {
  it('counters that are whole only since a time', async () => {
    await report.count([anEvent({ experiment: 'lost' })]);
    const loss = {
      shard: `${world.stream}/shardId-000000000000`,
      generation: 'g1',
      from: sequenceOf(1),
      to: sequenceOf(2),
      countedSince: NOON,
    };
    await createLosses(world.dynamodb, world.stateTable).record(loss);
    expect((await warningOf('lost', 'counted_since'))?.message).toContain('2026-11-20T12:00:00.000Z');
    expect((await report.experiment('lost')).countedSince).toBe('2026-11-20T12:00:00.000Z');
  });

  it('counters that are being rebuilt', async () => {
    await createCheckpoints(world.dynamodb, world.stateTable).advance(
      `${world.stream}/shardId-000000000009`,
      sequenceOf(5),
      sequenceOf(1),
    );
    expect(await report.list()).toMatchObject({ rebuilding: true });
    expect(codesOf(await report.experiment('lost'))).toContain('rebuilding');
    expect(codesOf(await report.experiment('nobody'))).toEqual(['rebuilding', 'counted_since']);
  });
});
