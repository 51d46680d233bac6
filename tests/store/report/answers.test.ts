import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExperimentList, SeriesAnswer } from '../../../shared/contract/answers.ts';
import { anEvent, DAY_MS, NOON } from '../../support/counting/events.ts';
import { codesOf, createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { traffic } from '../../support/counting/traffic.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let report: ReportUnderTest;

const ARMS = [
  { variant: 'control', participants: 400, goals: { clicked: 60, bought: 20 } },
  { variant: 'blue', participants: 410, goals: { clicked: 120, bought: 22 } },
];

beforeAll(async () => {
  world = await createWorld();
  report = await createReport(world, () => NOON + 4 * DAY_MS);
  const events = traffic('button', ARMS);
  await report.count(events.slice(0, 500));
  await report.count(events.slice(500), NOON + 2 * DAY_MS);
});

afterAll(() => world.close());

describe('the answer of one experiment', () => {
  it('puts the control first, and gives counts, intervals and one verdict for each goal and variant', async () => {
    const answer = await report.experiment('button');

    expect(answer.baseline).toBe('control');
    expect(answer.variants.map(({ name, participants }) => [name, participants])).toEqual([
      ['control', 400],
      ['blue', 410],
    ]);
    const clicked = answer.goals.find(({ name }) => name === 'clicked');
    expect(clicked).toMatchObject({
      id: 'pct:clicked',
      label: 'clicked',
      set: 'primary',
      metric: 'pct',
      received: true,
    });
    expect(clicked?.results[0]).toMatchObject({
      variant: 'control',
      count: 60,
      units: 400,
      converted: 60,
      comparison: null,
    });
    expect(clicked?.results[1]?.comparison?.verdict.kind).toBe('winning');
    expect(clicked?.results[1]?.comparison?.description?.lift).toMatchObject({
      value: expect.closeTo(120 / 410 / (60 / 400) - 1, 10),
    });
    expect(Object.keys(clicked?.results[1]?.comparison?.evidence ?? {}).sort()).toEqual(['fixed', 'sequential']);
    expect(clicked?.results[1]?.approximateUniques).toBeGreaterThan(110);
  });

  it('counts a visitor who reaches a goal again once in a rate, and shows no rate by day that would not', async () => {
    const arms = [
      { variant: 'control', participants: 300, goals: { bought: 30 } },
      { variant: 'blue', participants: 300, goals: { bought: 33 } },
    ];
    const once = traffic('shop', arms);
    // Ten visitors of one variant buy nine times more: with every purchase as a trial of its own, it would be winning.
    const again = Array.from({ length: 90 }, (_, i) =>
      anEvent({ experiment: 'shop', variant: 'blue', unit: `blue-${i % 10}`, event: 'bought' }),
    );
    await report.count([...once, ...again]);

    const { goals, warnings } = await report.experiment('shop');
    expect(goals[0]?.results[1]).toMatchObject({ variant: 'blue', count: 123, units: 300, converted: 33 });
    expect(goals[0]?.results[1]?.comparison?.verdict.kind).toBe('too early');
    expect(codesOf({ warnings })).not.toContain('conversions_above_participants');
    const series = await report.read<SeriesAnswer>('/v1/series?experiment=shop&goal=bought');
    expect(series.variants[1]).toMatchObject({ conversions: [123], rate: [null], lift: [null] });
  });

  it('asks a dearer method only where it is named, and takes its verdict', async () => {
    const answer = await report.experiment('button', { method: 'bayesian' });
    const blue = answer.goals.find(({ name }) => name === 'clicked')?.results[1];
    expect(blue?.comparison?.evidence.bayesian?.chanceAbove).toBeGreaterThan(0.999);
    expect(blue?.best?.chance).toBeGreaterThan(0.999);
    expect(answer.method).toBe('bayesian');
  });

  it('compares with the baseline that is asked for', async () => {
    const answer = await report.experiment('button', { baseline: 'blue' });
    expect(answer.variants.map(({ name }) => name)).toEqual(['blue', 'control']);
    expect(answer.goals.find(({ name }) => name === 'clicked')?.results[1]?.comparison?.verdict.kind).toBe('losing');
  });

  it('measures every goal on visitors, too, without a change to the verdicts of the goals', async () => {
    const { goals, metrics } = await report.experiment('button');
    expect(goals.map(({ id }) => id)).toEqual(['pct:bought', 'pct:clicked']);
    expect(metrics.map(({ label }) => label)).toEqual(['n_bought', 'n_clicked']);
    expect(metrics[1]?.results[1]).toMatchObject({ units: 410, converted: 120 });
  });

  it.each(['/v1/experiment?experiment=Buton', '/v1/experiments/Buton', '/v1/series?experiment=Buton&goal=x'])(
    'of an experiment that never was is 404, and names what may be meant: %s',
    async (path) => {
      const answer = await report.request(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ title: 'unknown_experiment', near: ['button'] });
    },
  );

  it('of an experiment in the wrong namespace says where there is one', async () => {
    const answer = await report.request('/v1/experiment?experiment=button&namespace=shop');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('there is one of this name in the namespace \\"alephbet\\"');
  });

  it('of an experiment that has a definition alone is 200 with no data', async () => {
    await report.define('only planned', { status: 'draft' });
    expect(await report.experiment('only planned')).toMatchObject({
      data: 'no data',
      baseline: null,
      variants: [],
      goals: [],
      warnings: [],
    });
    await report.request('/v1/experiment?experiment=only%20planned', { method: 'DELETE' });
  });

  it.each([
    ['baseline=nobody', 'unknown_baseline'],
    ['method=guessing', 'unknown_method'],
    ['format=xml', 'unknown_format'],
  ])('refuses %s', async (query, title) => {
    const response = await report.request(`/v1/experiment?experiment=button&${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ type: 'about:blank', title, status: 400 });
  });
});

describe('a segment', () => {
  it('has the visitors whose first exposure was in it, and plain counts by each event', async () => {
    const ios = { segments: { platform: 'ios' } };
    await report.count([
      ...traffic(
        'seg',
        [
          { variant: 'a', participants: 3 },
          { variant: 'b', participants: 2 },
        ],
        ios,
      ),
      anEvent({ experiment: 'seg', variant: 'a', unit: 'other', segments: { platform: 'web' } }),
      anEvent({ experiment: 'seg', variant: 'a', unit: 'a-0', event: 'clicked' }), // does not repeat the segment
      anEvent({ experiment: 'seg', variant: 'a', unit: 'a-1', event: 'clicked', ...ios }),
    ]);
    const answer = await report.experiment('seg', { segment: 'platform=ios' });
    expect(answer.segments).toEqual({ platform: ['ios', 'web'] });
    expect(answer.variants.map(({ participants, units }) => [participants, units])).toEqual([
      [3, 3],
      [2, 2],
    ]);
    expect(answer.goals[0]?.results[0]).toMatchObject({ count: 1, approximateUniques: null });
    expect(answer.metrics.find(({ label }) => label === 'n_clicked')?.results[0]).toMatchObject({
      units: 3,
      converted: 2,
    });
  });
});

describe('the list', () => {
  it('says of each experiment what its own answer says', async () => {
    const { experiments } = await report.list();
    const answer = await report.experiment('button');
    const button = experiments.find(({ name }) => name === 'button');
    expect(button).toMatchObject({
      participants: 810,
      data: 'counting',
      status: 'running',
      defined: false,
      firstEvent: new Date(NOON).toISOString(),
      lastEvent: new Date(NOON + 2 * DAY_MS).toISOString(),
      warnings: answer.warnings.map(({ code, severity }) => ({ code, severity, count: 1 })),
      verdict: {
        goal: 'bought',
        variant: 'blue',
        verdict: answer.goals.find(({ name }) => name === 'bought')?.results[1]?.comparison?.verdict,
      },
    });
  });

  it('comes in pages, each beginning after the last name of the one before', async () => {
    const all = (await report.list()).experiments.map(({ name }) => name);
    const pages: string[][] = [];
    for (let after: string | null = ''; after !== null;) {
      const query = new URLSearchParams({ limit: '2', after }).toString();
      const { experiments, next }: ExperimentList = await report.read(`/v1/experiments?${query}`);
      pages.push(experiments.map(({ name }) => name));
      after = next;
    }
    expect(pages.flat()).toEqual(all);
    expect(pages.every(({ length }, index) => length === (index < pages.length - 1 ? 2 : all.length % 2 || 2))).toBe(
      true,
    );
  });

  it.each(['0', '1001', '-1', 'all', '1.5'])('in pages of %s experiments is refused', async (limit) => {
    const response = await report.request(`/v1/experiments?limit=${limit}`);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { title: 'bad_limit', detail: `limit: expected a whole number from 1 to 1000, got "${limit}"` },
    ]);
  });

  it('ranks the verdicts as the experiment itself does: what has an answer before what still needs data', async () => {
    await report.count(
      traffic('ranked', [
        { variant: 'control', participants: 500, goals: { bought: 50 } },
        { variant: 'a', participants: 505, goals: { bought: 51 } },
        { variant: 'b', participants: 100, goals: { bought: 3 } },
      ]),
    );
    const { headline } = await report.experiment('ranked');
    expect(headline).toMatchObject({ variant: 'a', verdict: { kind: 'too early' } });
    expect((await report.list()).experiments.find(({ name }) => name === 'ranked')?.verdict).toEqual(headline);
  });

  it('has an experiment with a definition and no event, and not those of other namespaces', async () => {
    await report.define('planned', { status: 'draft', hypothesis: 'more' });
    const { experiments } = await report.list();
    expect(experiments.find(({ name }) => name === 'planned')).toMatchObject({
      status: 'draft',
      data: 'no data',
      defined: true,
      firstEvent: null,
    });
    expect((await report.list('elsewhere')).experiments).toEqual([]);
  });
});

describe('the series', () => {
  it('has every UTC day, and ends with the interval of the verdict', async () => {
    const series = await report.read<SeriesAnswer>('/v1/series?experiment=button&goal=clicked');
    const answer = await report.experiment('button');
    expect(series.days).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
    const [control, blue] = series.variants;
    expect(control?.participants.reduce((sum, n) => sum + n, 0)).toBe(400);
    expect(control?.participants[1]).toBe(0);
    expect(control?.rate.at(-1)).toBeCloseTo(60 / 400, 12);
    expect(control?.lift).toEqual([null, null, null]);
    const own = answer.goals.find(({ name }) => name === 'clicked')?.results[1]?.comparison?.evidence.sequential?.lift;
    expect(blue?.lift.at(-1)).toEqual(own);
  });

  it('of no goal is participants alone', async () => {
    const series = await report.read<SeriesAnswer>('/v1/series?experiment=button');
    expect(series.goal).toBeNull();
    expect(series.variants[1]?.conversions).toEqual([0, 0, 0]);
  });
});

describe('what was deleted', () => {
  it('is gone with its definition, and begins afresh', async () => {
    await report.count([anEvent({ experiment: 'gone' })]);
    await report.define('gone', { hidden: true });
    expect((await report.request('/v1/experiment?experiment=gone', { method: 'DELETE' })).status).toBe(204);
    expect((await report.request('/v1/experiment?experiment=gone')).status).toBe(404);
    expect((await report.list()).experiments.map(({ name }) => name)).not.toContain('gone');
  });
});
