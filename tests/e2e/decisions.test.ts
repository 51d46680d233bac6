import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExperimentAnswer, ExperimentList } from '../../shared/contract/answers.ts';
import type { Definition } from '../../shared/contract/definition.ts';
import { readJson, waitUntilCounted } from '../support/local/local-client.ts';
import { startLocalSystem, type LocalSystem } from '../support/local/local-system.ts';

/** What a page or a server sends, but for the uuid. */
type Sent = Record<string, string | number | Record<string, string>>;

const EVENTS_A_REQUEST = 500;

// Situations in which a report could lead to a wrong decision: events through the public endpoint, the report's words.
describe('a report that people decide by', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
  let system: LocalSystem;
  beforeAll(async () => {
    system = await startLocalSystem({ folder });
    await send(visitors('by three to two', { control: 600, green: 400 }));
    await send(visitors('off its weights', { control: 600, green: 400 }));
    await define('off its weights', { variants: weighted({ control: 1, green: 1 }) });
    await send(visitors('stray', { control: 200, green: 200, retired: 1 }));
    await define('stray', { variants: weighted({ control: 1, green: 1, retired: 0 }) });
    const seen = visitors('reloaded', { control: 600, green: 600 });
    await send(seen);
    await send(seen.filter(({ event, variant }) => event === 'participate' && variant === 'green').slice(0, 240));
    await send(visitors('never exposed', { control: 600, green: 600 }));
    await send(
      Array.from({ length: 90 }, (_, i) => ({
        ...{ experiment: 'never exposed', variant: 'green', event: 'bought', unit: `passer-by ${i}` },
      })),
    );
    const early = visitors('told early', { control: 40, green: 40 }, {}, 'web');
    const bought = early.filter(({ event }) => event === 'bought').map((goal) => ({ ...goal, value: 5 }));
    await send(bought);
    await send([{ unit: 'green 39 web', event: 'bought', value: 7 }]);
    await send(early.filter(({ event }) => event === 'participate'));
    await send(visitors('half known', { control: 200, green: 200 }));
    await send(
      visitors('half known', { control: 60, green: 60 }).map(({ experiment, variant, event }) => ({
        ...{ experiment, variant, event },
      })) as Sent[],
    );
    await send(rare('rare errors', { control: 0, green: 60 }));
    await define('rare errors', {
      goals: { primary: [{ name: 'bought' }], guardrail: [{ name: 'error', better: 'lower' }] },
    });
    await send(visitors('by platform', { control: 600, green: 600 }, { control: 60, green: 140 }, 'ios'));
    await send(visitors('by platform', { control: 100, green: 100 }, { control: 10, green: 10 }, 'android'));
    await send(visitors('small', { control: 200, green: 200 }));
    await waitUntilCounted(system.url);
  });
  afterAll(async () => {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('asks whether an uneven split is intended where nobody configured one, and still gives verdicts', async () => {
    const answer = await experiment('by three to two');
    expect(answer.sampleRatio).toMatchObject({ assumed: true, alarm: false });
    expect(warning(answer, 'uneven_split')?.message).toBe(
      'Participants split 60 % : 40 % ("control" and "green"): is that intended?',
    );
    expect(verdict(answer).kind).not.toBe('invalid');
  });

  test('names no winner where the split is not as configured', async () => {
    const answer = await experiment('off its weights');
    expect(answer.sampleRatio).toMatchObject({ assumed: false, alarm: true });
    expect(warning(answer, 'sample_ratio')?.message).toContain('"green" has 400, should have about 500');
    expect(verdict(answer).kind).toBe('invalid');
  });

  test('is alarmed by anybody in a variant of weight 0', async () => {
    const answer = await experiment('stray');
    expect(answer.sampleRatio).toMatchObject({ p: 0, alarm: true });
    expect(warning(answer, 'sample_ratio')?.message).toContain('"retired" has weight 0, and 1 participant.');
  });

  test('counts a visitor whose exposure comes again once', async () => {
    const answer = await experiment('reloaded');
    expect(answer).toMatchObject({
      participantsAre: 'units',
      variants: [
        { name: 'control', participants: 600, exposures: 600 },
        { name: 'green', participants: 600, exposures: 840 },
      ],
    });
    expect(answer.goals[0]).toMatchObject({ metric: 'pct', label: 'bought' });
    expect(answer.goals[0]?.results.map(({ converted, units }) => [converted, units])).toEqual([
      [60, 600],
      [60, 600],
    ]);
    expect(warning(answer, 'repeated_exposures')?.message).toBe(
      '1,440 exposures of 1,200 visitors: a visitor counts once.',
    );
    expect(warning(answer, 'uneven_split')).toBeUndefined();
    const { experiments } = await readJson<ExperimentList>(`${system.url}/v1/experiments`);
    expect(experiments.find(({ name }) => name === 'reloaded')).toMatchObject({
      participants: 1_200,
      participantsAre: 'units',
    });
  });

  test('lets goals of visitors who were never exposed win nothing, and says that there are some', async () => {
    const answer = await experiment('never exposed');
    expect(answer.goals[0]?.results.map(({ count, converted }) => [count, converted])).toEqual([
      [60, 60],
      [150, 60],
    ]);
    expect(['winning', 'losing']).not.toContain(verdict(answer).kind);
    expect(warning(answer, 'goals_without_exposure')?.message).toContain(
      '"bought" has 210 conversions, and 120 visitors',
    );
  });

  test('counts what a server tells of before the exposure has come, with and without its experiment', async () => {
    const { goals, metrics } = await experiment('told early');
    expect(goals[0]?.results.map(({ count, converted }) => [count, converted])).toEqual([
      [4, 4],
      [5, 5],
    ]);
    const means = (metric: string) =>
      metrics.find((candidate) => candidate.metric === metric)?.results.map(({ measured }) => measured.value);
    expect(means('n')).toEqual([4 / 40, 5 / 40]);
    expect(means('sum')).toEqual([20 / 40, 27 / 40]);
  });

  test('says that some participants carry no unit, and leaves them out', async () => {
    const answer = await experiment('half known');
    expect(answer.participantsAre).toBe('units');
    expect(answer.variants.map(({ participants }) => participants)).toEqual([200, 200]);
    expect(warning(answer, 'mixed_units')?.message).toMatch(/^About 2\d % of participants carry no unit/);
  });

  test('decides a guardrail that never happened in the control', async () => {
    const { goals } = await experiment('rare errors');
    const error = goals.find(({ name }) => name === 'error')?.results[1];
    expect(error).toMatchObject({ converted: 60, units: 400, comparison: { verdict: { kind: 'losing' } } });
    expect(error?.comparison?.verdict.sentence).toContain('Losing, as lower is better: difference +0.15');
  });

  test('says that it is too early, rather than that there is no clear difference, while the interval is wide', async () => {
    expect(verdict(await experiment('small'))).toMatchObject({
      kind: 'too early',
      sentence: expect.stringMatching(/^Too early \(about \d+ days\): the interval .* beyond the ±10 % worth knowing/),
    });
  });

  test('gives the verdict by its own method over all visitors, and calls everything else exploratory', async () => {
    const own = await experiment('by platform');
    expect([own.exploratory, verdict(own).kind, own.conclusion.title]).toEqual([false, 'winning', 'Ship green']);
    for (const view of [{ segment: 'platform=ios' }, { method: 'fixed' }] as Record<string, string>[]) {
      const looked = await experiment('by platform', view);
      expect([looked.exploratory, verdict(looked).kind]).toEqual([true, 'exploratory']);
      expect(looked.conclusion).toEqual(own.conclusion);
    }
    const segment = await experiment('by platform', { segment: 'platform=ios' });
    expect(verdict(segment).sentence).toMatch(/^Exploratory: one of 2 segments; lift \+133 %/);
    const { p, adjustedP } = segment.goals[0]?.results[1]?.comparison?.evidence.sequential ?? {};
    expect(adjustedP).toBeCloseTo(2 * (p ?? NaN), 12);
  });

  test('does not ship what harms a guardrail', async () => {
    const { conclusion } = await experiment('rare errors');
    expect(conclusion).toMatchObject({ advice: 'do not ship', variant: 'green', guardrails: { total: 1, harmed: 1 } });
    expect(conclusion.title).toBe('Do not ship green: error is worse (difference +0.15)');
  });

  async function send(events: readonly Sent[]): Promise<void> {
    for (let first = 0; first < events.length; first += EVENTS_A_REQUEST) {
      const body = events.slice(first, first + EVENTS_A_REQUEST).map((event) => ({ uuid: randomUUID(), ...event }));
      const response = await fetch(`${system.url}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (response.status !== 200) throw new Error(`/events answered ${response.status}: ${await response.text()}`);
    }
  }

  async function define(name: string, definition: Definition): Promise<void> {
    const response = await fetch(
      `${system.url}/v1/experiment?${new URLSearchParams({ experiment: name }).toString()}`,
      {
        method: 'PUT',
        headers: { 'x-api-key': 'local' },
        body: JSON.stringify(definition),
      },
    );
    if (response.status !== 200) throw new Error(`the definition was refused: ${await response.text()}`);
  }

  async function experiment(name: string, query: Record<string, string> = {}): Promise<ExperimentAnswer> {
    const search = new URLSearchParams({ experiment: name, ...query }).toString();
    return readJson<ExperimentAnswer>(`${system.url}/v1/experiment?${search}`);
  }
});

/** Exposures, and `bought` of so many visitors; of one in ten unless given. Each call has visitors of its own where a platform is given. */
function visitors(
  name: string,
  participants: Record<string, number>,
  buyers: Record<string, number> = {},
  platform?: string,
): Sent[] {
  return Object.entries(participants).flatMap(([variant, count]) => {
    const bought = buyers[variant] ?? Math.ceil(count / 10);
    return Array.from({ length: count }, (_, i) => {
      const unit = [variant, i, ...(platform === undefined ? [] : [platform])].join(' ');
      const segments = platform === undefined ? {} : { segments: { platform } };
      const visitor = { experiment: name, variant, unit, ...segments };
      return [{ ...visitor, event: 'participate' }, ...(i < bought ? [{ ...visitor, event: 'bought' }] : [])];
    }).flat();
  });
}

/** 400 visitors of each variant, of whom so many see an error. */
function rare(name: string, errors: Record<string, number>): Sent[] {
  const seen = visitors(name, Object.fromEntries(Object.keys(errors).map((variant) => [variant, 400])));
  const failed = Object.entries(errors).flatMap(([variant, count]) =>
    Array.from({ length: count }, (_, i) => ({ experiment: name, variant, unit: `${variant} ${i}`, event: 'error' })),
  );
  return [...seen, ...failed];
}

function weighted(weights: Record<string, number>): NonNullable<Definition['variants']> {
  return Object.entries(weights).map(([name, weight]) => ({ name, weight }));
}

function warning({ warnings }: ExperimentAnswer, code: string) {
  return warnings.find((candidate) => candidate.code === code);
}

/** Of the first goal's first variant beside the baseline. */
function verdict({ goals }: ExperimentAnswer) {
  const comparison = goals[0]?.results.find((result) => result.comparison !== null)?.comparison;
  if (!comparison) throw new Error('expected a comparison, got none');
  return comparison.verdict;
}
