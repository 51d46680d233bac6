import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExperimentAnswer } from '../../../shared/contract/answers.ts';
import { toRequest } from '../../../shared/runtime/fetch-adapter.ts';
import { anEvent, NOON } from '../../support/counting/events.ts';
import { gatewayEvent } from '../../support/aws/gateway.ts';
import { createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { traffic } from '../../support/counting/traffic.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let report: ReportUnderTest;

beforeAll(async () => {
  world = await createWorld();
  report = await createReport(world, () => NOON + 5_000);
});

afterAll(() => world.close());

const HOSTILE = [
  'a/b',
  'a%2Fb',
  '%',
  '100%41',
  'a:b@0',
  'a?b=c#d',
  '..',
  '.',
  'end/series',
  'series',
  'é 😀',
  'שלום',
  '<img src=x onerror=alert(1)>',
  '__proto__',
  '字'.repeat(256),
];

describe('a name', () => {
  it.each(HOSTILE)('%j is counted, defined, listed and shown by itself', async (name) => {
    await report.count([
      anEvent({ experiment: name, variant: name, unit: 'u' }),
      anEvent({ experiment: name, variant: name, event: name, unit: 'u', segments: { key: 'a=b:%' } }),
    ]);
    await report.define(name, { hypothesis: name });
    const answer = await report.experiment(name);
    expect(answer).toMatchObject({
      name,
      baseline: name,
      definition: { hypothesis: name },
      segments: { key: ['a=b:%'] },
    });
    expect(answer.goals.map((goal) => [goal.name, goal.results[0]?.count])).toEqual([[name, 1]]);
    expect((await report.list()).experiments.filter((listed) => listed.name === name)).toHaveLength(1);
    expect(
      await report.read(`/v1/series?${new URLSearchParams({ experiment: name, goal: name }).toString()}`),
    ).toMatchObject({ variants: [{ conversions: [1] }] });
  });

  it.each(HOSTILE.filter((name) => !/^\.+$/.test(name)))(
    '%j is the same in a path, decoded by the gateway or not',
    async (name) => {
      const route = { routeKey: 'GET /v1/experiments/{name+}', pathParameters: { name } };
      const event = gatewayEvent({ method: 'GET', path: '/v1/experiments/x' });
      for (const rawPath of [`/v1/experiments/${name}`, `/v1/experiments/${encodeURIComponent(name)}`]) {
        const { pathname } = new URL(toRequest({ ...event, ...route, rawPath }).url);
        const answer = await report.read<ExperimentAnswer>(pathname);
        expect(answer.name).toBe(name);
      }
    },
  );
});

describe('a name that no event can have', () => {
  const long = 'x'.repeat(257);
  it.each([
    ['GET', `/experiment?experiment=${long}`, 'invalid_name'],
    ['DELETE', `/delete?experiment=${long}`, 'invalid_name'],
    ['GET', `/v1/experiments/${long}`, 'invalid_name'],
    ['DELETE', `/v1/experiment?experiment=a&namespace=${long}`, 'invalid_name'],
    ['GET', '/v1/experiment?experiment=a%FF', 'invalid_encoding'],
    ['DELETE', '/v1/experiments/a%FF', 'invalid_encoding'],
    ['DELETE', '/v1/experiments/a%0Ab', 'invalid_name'],
  ])('is refused: %s %.40s', async (method, path, code) => {
    const response = await report.request(path, { method });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ title: code });
  });
});

describe('CSV', () => {
  it('has a row for each goal and variant, with numbers as numbers', async () => {
    await report.count(
      traffic('csv', [
        { variant: 'a', participants: 300, goals: { x: 60 } },
        { variant: 'b', participants: 300, goals: { x: 50 } },
      ]),
    );
    const response = await report.request('/v1/experiment?experiment=csv&format=csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [header = '', ...rows] = (await response.text()).trimEnd().split('\r\n');
    expect(rows.filter((row) => row.includes(',pct,'))).toHaveLength(2);
    const lift = header.split(',').indexOf('lift_value');
    expect(Number(rows[1]?.split(',')[lift])).toBeCloseTo(-1 / 6, 10);
    for (const path of ['/v1/experiments?format=csv', '/v1/series?experiment=csv&goal=x&format=csv']) {
      expect((await (await report.request(path)).text()).split('\r\n').length).toBeGreaterThan(2);
    }
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '|cmd', '\uff1d1', ' =1'])('never begins a text with %j', async (name) => {
    await report.count([
      anEvent({ experiment: 'formula', variant: name }),
      anEvent({ experiment: 'formula', variant: name, event: 'x"y,z' }),
    ]);
    const text = await (await report.request('/v1/experiment?experiment=formula&format=csv')).text();
    expect(text).toContain(`"'${name}"`);
    expect(text).toContain('"x""y,z"');
    expect(text).not.toMatch(/(^|,)"?\s*[=+@|\uff1d]/m);
  });
});

describe('health', () => {
  it('is alive without a key, tells more with one, and nothing to a wrong one', async () => {
    const without = await report.request('/health', { headers: { 'x-api-key': '' } });
    expect(await without.json()).toEqual({ status: 'ok' });
    expect(await report.read('/health')).toMatchObject({
      status: 'ok',
      redis: { ok: true },
      tables: { ok: true },
      rebuilding: false,
      newestEventAgeSeconds: 5,
    });
    expect((await report.request('/health', { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
  });

  it('is 503 where Redis does not answer', async () => {
    const down = () => Promise.reject(new Error('no connection'));
    const counters = { ...report.deps.counters, generation: down };
    const broken = await createReport(world, () => NOON, {
      counters,
      tallies: { ...report.deps.tallies, namespace: down },
    });
    const response = await broken.request('/health');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'failing', redis: { ok: false }, tables: { ok: true } });
    const answer = await broken.request('/v1/experiments');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ title: 'unavailable' });
    expect(broken.errors).toHaveLength(2);
  });
});
