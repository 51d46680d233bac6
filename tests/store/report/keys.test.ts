import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import crypto from 'node:crypto';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { createApiKeys, type ApiKeys } from '../../../shared/stores/dynamodb/api-keys.ts';
import { callHandler } from '../../support/aws/gateway.ts';
import { environmentOf, loadReport } from '../../support/aws/load-handler.ts';
import { createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

/** Of a key in the report's memory. */
const CACHED_MS = 30_000;

let world: World;
let now = Date.now();
/** As the command `mem keys` has them, in another process. */
let operator: ApiKeys;
let report: ReportUnderTest;
let handler: APIGatewayProxyHandlerV2;

beforeAll(async () => {
  world = await createWorld();
  operator = createApiKeys(world.dynamodb, world.stateTable, () => now);
  report = await createReport(world, () => now, {
    apiKeys: createApiKeys(world.dynamodb, world.stateTable, () => now),
  });
  handler = await loadReport(environmentOf(world));
});
afterAll(() => world.close());
afterEach(() => {
  jest.restoreAllMocks();
});

const status = async (key: string, path = '/v1/experiments', method = 'GET') =>
  (await report.request(path, { method, headers: { 'x-api-key': key } })).status;
const digestOf = (key: string) => crypto.createHash('sha256').update(key).digest('hex');

describe('keys', () => {
  it('are changed without an outage: the new one is added, both work, the old one is removed and soon refused', async () => {
    await operator.add('old', 'read');
    now += CACHED_MS;
    expect(await status('old')).toBe(200);

    await operator.add('new', 'read');
    now += CACHED_MS;
    expect([await status('old'), await status('new')]).toEqual([200, 200]);

    await operator.remove(digestOf('old'));
    now += CACHED_MS;
    expect([await status('old'), await status('new')]).toEqual([401, 200]);
  });

  it('that may only read change nothing, and admin keys may', async () => {
    await operator.add('reader', 'read');
    await operator.add('boss', 'admin');
    now += CACHED_MS;
    const path = '/v1/experiment?experiment=x';
    expect([await status('reader', path), await status('reader', path, 'DELETE')]).toEqual([404, 403]);
    expect(await status('boss', path, 'DELETE')).toBe(204);
  });

  it('are told apart by whose they are, when they were made, and the last day on which they were used', async () => {
    const keyOf = async (label: string) => (await operator.list()).find((known) => known.label === label);
    const day = () => new Date(now).toISOString().slice(0, 10);
    await operator.add('labelled', 'read', 'the office');
    expect(await keyOf('the office')).toMatchObject({ role: 'read', created: day(), lastUsed: null });
    now += CACHED_MS;
    await status('labelled');
    expect(await keyOf('the office')).toMatchObject({ lastUsed: day() });
    now += 86_400_000;
    await status('labelled');
    expect(await keyOf('the office')).toMatchObject({ lastUsed: day() });
  });

  it('that are removed while they are used stay removed', async () => {
    await operator.add('leaked', 'read', 'leaked');
    now += CACHED_MS;
    await status('wrong'); // the keys are in memory
    await operator.remove(digestOf('leaked'));
    await status('leaked'); // works for half a minute, and may not write itself back
    expect((await operator.list()).map(({ label }) => label)).not.toContain('leaked');
  });

  const WRONG = [
    'x',
    'wrong',
    'k'.repeat(10_240),
    'ключ',
    '😀',
    'newer',
    'old,new',
    '\u0000',
    '__proto__',
    digestOf('new'),
  ];

  it.each(WRONG)('that are wrong cost the same comparisons as a right one: %j', async (wrong) => {
    const comparisons = async (key: string) => {
      const compare = jest.spyOn(crypto, 'timingSafeEqual');
      const role = await operator.roleOf(key);
      const calls = compare.mock.calls.length;
      compare.mockRestore();
      return { role, calls };
    };
    await operator.list();
    const right = await comparisons('new');
    expect(right).toEqual({ role: 'read', calls: (await operator.list()).length });
    expect(await comparisons(wrong)).toEqual({ role: undefined, calls: right.calls });
  });

  it.each([...WRONG, ''])('that are wrong are 401 with a reason, never an outage: %j', async (wrong) => {
    for (const headers of [
      { 'x-api-key': wrong },
      { authorization: `Bearer ${wrong}` },
      { 'x-api-key': wrong, authorization: 'Bearer x' },
    ]) {
      const answer = await callHandler(handler, { method: 'GET', path: '/v1/experiments', headers });
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ status: 401, detail: expect.stringContaining('API key') });
      expect(JSON.stringify(answer.body)).not.toContain('k'.repeat(100));
    }
  });
});
