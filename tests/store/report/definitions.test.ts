import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Problem, StoredDefinitionAnswer } from '../../../shared/contract/answers.ts';
import { experimentName } from '../../../shared/contract/experiment-id.ts';
import { anEvent, NOON } from '../../support/counting/events.ts';
import { codesOf, createReport, READ_KEY, type ReportUnderTest } from '../../support/report/report.ts';
import { traffic } from '../../support/counting/traffic.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let report: ReportUnderTest;

beforeAll(async () => {
  world = await createWorld();
  report = await createReport(world);
});

afterAll(() => world.close());

function put(name: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return report.request(`/v1/experiment?${new URLSearchParams({ experiment: name }).toString()}`, {
    method: 'PUT',
    body,
    headers,
  });
}

/** Past the API, as an older version or a person with the console would. */
async function store(name: string, text: string): Promise<void> {
  const sk = createHash('sha256').update(experimentName('alephbet', name)).digest('hex');
  const Item = {
    pk: { S: 'definition' },
    sk: { S: sk },
    namespace: { S: 'alephbet' },
    experiment: { S: name },
    definition: { S: text },
    writtenAt: { N: '1' },
  };
  await world.dynamodb.send(new PutItemCommand({ TableName: world.stateTable, Item }));
}

describe('a definition', () => {
  it('is answered as it is stored, and orders goals by set', async () => {
    const definition = {
      variants: [
        { name: 'b', weight: 1 },
        { name: 'a', weight: 3 },
      ],
      baseline: 'a',
      goals: {
        guardrail: [{ name: 'left', better: 'lower' as const }],
        primary: [{ name: 'x', metric: 'pct' as const }],
      },
      alpha: 0.1,
      correction: 'none' as const,
      method: 'fixed' as const,
    };
    const response = await put('defined', JSON.stringify(definition));
    expect(response.status).toBe(200);
    expect((await response.json()) as StoredDefinitionAnswer).toEqual({
      namespace: 'alephbet',
      name: 'defined',
      definition,
      definedAt: new Date(NOON).toISOString(),
    });

    await report.count(
      traffic('defined', [
        { variant: 'a', participants: 30, goals: { x: 3, extra: 1 } },
        { variant: 'b', participants: 10 },
      ]),
    );
    const answer = await report.experiment('defined');
    expect(answer).toMatchObject({ definition, baseline: 'a', alpha: 0.1, correction: 'none', method: 'fixed' });
    expect(answer.variants.map(({ name, weight, expected }) => [name, weight, expected])).toEqual([
      ['a', 3, 30],
      ['b', 1, 10],
    ]);
    expect(answer.goals.map(({ label, set }) => [label, set])).toEqual([
      ['pct_x', 'primary'],
      ['left', 'guardrail'],
      ['extra', 'other'],
    ]);
  });

  it('replaces only what was read, where the request says what that was', async () => {
    const text = (hypothesis: string) => JSON.stringify({ hypothesis });
    expect((await put('shared', text('first'), { 'if-match': '""' })).status).toBe(200);
    expect((await put('shared', text('also first'), { 'if-match': '""' })).status).toBe(412);

    const { definedAt } = await report.experiment('shared');
    await store('shared', text('by somebody else'));
    const late = await put('shared', text('late'), { 'if-match': `"${definedAt ?? ''}"` });
    expect(late.status).toBe(412);
    expect((await late.json()) as Problem).toMatchObject({ title: 'changed_meanwhile' });
    expect((await report.experiment('shared')).definition).toEqual({ hypothesis: 'by somebody else' });

    const { definedAt: theirs } = await report.experiment('shared');
    expect((await put('shared', text('after reading'), { 'if-match': `"${theirs ?? ''}"` })).status).toBe(200);
    expect((await put('shared', text('whatever is there'))).status).toBe(200);
    expect((await put('shared', text('unclear'), { 'if-match': 'yesterday' })).status).toBe(400);
  });

  it.each([
    ['no JSON', '{', 'not_json', /JSON/],
    ['a list', '[]', 'invalid_definition', /object/],
    ['an unknown property', '{"colour":1}', 'invalid_definition', /colour/],
    ['a variant twice', '{"variants":[{"name":"a"},{"name":"a"}]}', 'invalid_definition', /twice/],
    ['one variant', '{"variants":[{"name":"a"}]}', 'invalid_definition', /at least 2/],
    ['some weights', '{"variants":[{"name":"a","weight":1},{"name":"b"}]}', 'invalid_definition', /every variant/],
    [
      'one weight above 0',
      '{"variants":[{"name":"a","weight":1},{"name":"b","weight":0}]}',
      'invalid_definition',
      /two weights/,
    ],
    [
      'a weight that is a slip',
      '{"variants":[{"name":"a","weight":1e9},{"name":"b","weight":1e-9}]}',
      'invalid_definition',
      /1e-9/,
    ],
    [
      'a negative weight',
      '{"variants":[{"name":"a","weight":1},{"name":"b","weight":-1}]}',
      'invalid_definition',
      /variants\[1\]\.weight/,
    ],
    [
      'a baseline that is no variant',
      '{"baseline":"z","variants":[{"name":"a"},{"name":"b"}]}',
      'invalid_definition',
      /baseline/,
    ],
    [
      'an unknown metric',
      '{"goals":{"primary":[{"name":"x","metric":"ratio"}]}}',
      'invalid_definition',
      /goals\.primary\[0\]\.metric: expected conversions, pct, n, sum/,
    ],
    ['a goal twice', '{"goals":{"primary":[{"name":"x"}],"secondary":[{"name":"x"}]}}', 'invalid_definition', /twice/],
    ['the exposure as a goal', '{"goals":{"primary":[{"name":"participate"}]}}', 'invalid_definition', /exposure/],
    ['an alpha of 0', '{"alpha":0}', 'invalid_definition', /alpha/],
    ['a day that is none', '{"start":"2026-02-30"}', 'invalid_definition', /start/],
    ['an end before the start', '{"start":"2026-02-03","end":"2026-02-01"}', 'invalid_definition', /or later/],
  ])('with %s is refused, and stores nothing', async (_, body, title, detail) => {
    const response = await put('refused', body);
    expect(response.status).toBe(400);
    const told = (await response.json()) as Problem;
    expect(told.title).toBe(title);
    expect(told.detail).toMatch(detail);
    expect((await report.request('/v1/experiment?experiment=refused')).status).toBe(404);
  });

  it('that is refused has all its faults named', async () => {
    const response = await put('refused', '{"alpha":2,"status":"gone","goals":{"primary":[{}]}}');
    const { errors } = (await response.json()) as Problem;
    expect(errors?.map(({ path }) => path).sort()).toEqual(['alpha', 'goals.primary[0]', 'status']);
  });

  it('may be read with a read-only key, and written with none but an admin key', async () => {
    expect((await put('locked', '{}', { 'x-api-key': READ_KEY })).status).toBe(403);
    expect((await report.request('/v1/experiments', { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
    expect(
      (await report.request('/v1/experiments', { headers: { 'x-api-key': '', authorization: `Bearer ${READ_KEY}` } }))
        .status,
    ).toBe(200);
  });

  it('that is too large is refused', async () => {
    expect((await put('large', `{"hypothesis":"${'x'.repeat(300_000)}"}`)).status).toBe(413);
  });
});

describe('a stored definition that is broken', () => {
  it('in one goal loses that goal, and says so', async () => {
    await report.count(traffic('half', [{ variant: 'a', participants: 3, goals: { x: 1, y: 1 } }]));
    await store(
      'half',
      JSON.stringify({ hypothesis: 'h', goals: { primary: [{ name: 'x' }, { name: 'y', metric: 'none' }, 7] } }),
    );
    const answer = await report.experiment('half');
    expect(answer.definition).toEqual({ hypothesis: 'h', goals: { primary: [{ name: 'x' }] } });
    expect(answer.goals.map(({ name, set }) => [name, set])).toEqual([
      ['x', 'primary'],
      ['y', 'other'],
    ]);
    expect(codesOf(answer)).toContain('broken_definition');
  });

  it.each([
    ['is no JSON', '{'],
    ['is of another kind', '[1]'],
    ['is empty', ''],
    ['has no such alpha', '{"alpha":"five"}'],
  ])('as it %s blanks no experiment', async (_, text) => {
    await report.count([anEvent({ experiment: 'whole' }), anEvent({ experiment: 'whole', event: 'x' })]);
    await store('whole', text);
    const answer = await report.experiment('whole');
    expect(answer.definition).toBeNull();
    expect(answer.goals).toHaveLength(1);
    expect(codesOf(answer)).toContain('broken_definition');
    const { experiments } = await report.list();
    expect(experiments.find(({ name }) => name === 'whole')?.participants).toBeGreaterThan(0);
    expect(experiments.find(({ name }) => name === 'half')?.participants).toBe(3);
  });
});
