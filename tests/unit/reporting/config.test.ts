import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createConfigRoute, type ConfigRouteDeps } from '../../../functions/config/config.ts';
import type { ConfigAnswer } from '../../../shared/contract/answers.ts';
import type { Definition } from '../../../shared/contract/definition.ts';
import { experimentName } from '../../../shared/contract/experiment-id.ts';
import type { StoredDefinition } from '../../../shared/counting/ports.ts';
import { answerConfig } from '../../../shared/reporting/config-answer.ts';
import { createCors } from '../../../shared/runtime/cors.ts';
import { httpEvent } from '../../../bench/functions/lambda-events.ts';

const WRITTEN_AT = Date.parse('2026-11-26T10:00:00.000Z');

function storesOf(definitions: Record<string, Definition>, deleted: Record<string, number> = {}) {
  const stored = Object.entries(definitions).map(([experiment, definition], i): StoredDefinition => ({
    namespace: 'shop',
    experiment,
    definition,
    faults: [],
    writtenAt: WRITTEN_AT + i,
  }));
  const marks = Object.entries(deleted).map(([name, since]) => [name, { number: 1, since }] as const);
  return {
    definitions: { readAll: () => Promise.resolve(stored) },
    deletions: { readAll: () => Promise.resolve(new Map(marks)) },
  };
}

const weighed = [
  { name: 'control', weight: 1 },
  { name: 'blue', weight: 3 },
];

describe('the config', () => {
  test('says what decides who sees what, and nothing of what people have written', async () => {
    const secrets = {
      hypothesis: 'a secret',
      goals: { primary: [{ name: 'clicked' }] },
      decision: { note: 'a secret' },
    };
    const answer = await answerConfig(
      'shop',
      storesOf({
        running: { ...secrets, status: 'running', coverage: 0.1, variants: weighed, hashVersion: 2 },
        draft: { status: 'draft' },
        over: { status: 'ended' },
        shipped: { status: 'stopped', winner: 'blue' },
        counted: secrets,
      }),
    );
    const at = (ms: number) => new Date(WRITTEN_AT + ms).toISOString();
    expect(answer).toEqual({
      namespace: 'shop',
      version: WRITTEN_AT + 4,
      experiments: {
        draft: { definedAt: at(1), status: 'draft' },
        over: { definedAt: at(2), status: 'stopped' },
        running: { definedAt: at(0), coverage: 0.1, weights: { control: 1, blue: 3 }, hashVersion: 2 },
        shipped: { definedAt: at(3), status: 'stopped', winner: 'blue' },
      },
    });
  });

  test('is a later version after a definition is gone, of its own namespace', async () => {
    const gone = (namespace: string) =>
      answerConfig('shop', storesOf({ a: { coverage: 1 } }, { [experimentName(namespace, 'b')]: WRITTEN_AT + 9 }));
    expect((await gone('shop')).version).toBe(WRITTEN_AT + 9);
    expect((await gone('shop2')).version).toBe(WRITTEN_AT);
  });

  test('has at most 5 KB gzip for a hundred experiments', async () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 100 }, (_, i): [string, Definition] => [
        `experiment_${(i * 7_919) % 1_000}`,
        {
          coverage: (i % 10) / 10,
          variants: [...weighed, { name: `variant ${i}`, weight: i }],
          ...(i % 5 === 0 && { targeting: { country: { $in: ['DE', 'AT', 'CH'] }, age: { $gte: i } } }),
          ...(i % 7 === 0 && { exclusive: { group: `group ${i % 3}`, range: [0, 0.5] } }),
          ...(i % 9 === 0 && { status: 'stopped', winner: 'blue' }),
        },
      ]),
    );
    const text = JSON.stringify(await answerConfig('shop', storesOf(definitions)));
    expect(gzipSync(text).length).toBeLessThanOrEqual(5 * 1_024);
  });
});

describe('GET /v1/config', () => {
  function createRoute(changes: Partial<ConfigRouteDeps> = {}) {
    const route = createConfigRoute({
      ...storesOf({ a: { coverage: 0.5 } }),
      cors: createCors([]),
      now: () => 0,
      onError: () => undefined,
      ...changes,
    });
    return (query = 'namespace=shop', headers: Record<string, string> = {}) =>
      route(httpEvent({ method: 'GET', path: '/v1/config', query, headers }));
  }

  test('is for every cache: a minute, then what is known while it is asked again', async () => {
    const { statusCode, headers } = await createRoute()();
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=60, stale-while-revalidate=600, stale-if-error=86400',
      'access-control-allow-origin': '*',
      'content-type': 'application/json',
    });
    expect(headers).not.toHaveProperty('set-cookie');
  });

  test('answers 304 to who has it, by a cache between or not, and the whole to who has another', async () => {
    const ask = createRoute();
    const etag = String((await ask()).headers?.etag);
    for (const known of [etag, etag.slice(2), `"x", ${etag}`]) {
      expect(await ask('namespace=shop', { 'if-none-match': known })).toMatchObject({ statusCode: 304 });
    }
    expect(await ask('namespace=shop', { 'if-none-match': '"x"' })).toMatchObject({ statusCode: 200 });
  });

  test('asks the table once for many, again two seconds later, and again after a failure', async () => {
    let now = 0;
    let isDown = false;
    let asked = 0;
    const stores = storesOf({ a: { coverage: 0.5 } });
    const readAll = () => {
      asked += 1;
      return isDown ? Promise.reject(new Error('down')) : stores.definitions.readAll();
    };
    const ask = createRoute({ definitions: { readAll }, now: () => now });
    await Promise.all([ask(), ask(), ask()]);
    expect(asked).toBe(1);
    now = 2_000;
    isDown = true;
    expect(await ask()).toMatchObject({ statusCode: 503, headers: { 'retry-after': '2' } });
    isDown = false;
    const { statusCode, body = '' } = await ask();
    expect([statusCode, (JSON.parse(body) as ConfigAnswer).experiments.a?.coverage, asked]).toEqual([200, 0.5, 3]);
  });

  test('refuses a namespace that no event can have, and caches no refusal', async () => {
    const { statusCode, headers } = await createRoute()(`namespace=${'x'.repeat(257)}`);
    expect(statusCode).toBe(400);
    expect(String(headers?.['cache-control'])).toContain('no-store');
  });
});
