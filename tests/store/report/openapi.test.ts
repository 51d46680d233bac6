import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { context, httpEvent, type HttpRequest } from '../../../bench/functions/lambda-events.ts';
import type * as IngestHandler from '../../../functions/ingest/handler.ts';
import { nothingDeleted } from '../../support/counting/events.ts';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import { toRequest, toResult } from '../../../shared/runtime/fetch-adapter.ts';
import { createRoutes, type ReportDeps } from '../../../functions/report/routes.ts';
import { createApiKeys } from '../../../shared/stores/dynamodb/api-keys.ts';
import { createCheckpoints } from '../../../shared/stores/dynamodb/checkpoints.ts';
import { createCounterReader } from '../../../shared/stores/redis/counter-reader.ts';
import { createCounters } from '../../../shared/stores/redis/counters.ts';
import { createIngestNotes } from '../../../shared/stores/dynamodb/ingest-notes/ingest-notes.ts';
import { createDefinitions } from '../../../shared/stores/dynamodb/definitions.ts';
import { createDeletions } from '../../../shared/stores/dynamodb/deletions.ts';
import { createImports } from '../../../shared/stores/dynamodb/imports.ts';
import { createLosses } from '../../../shared/stores/dynamodb/losses.ts';
import { createNameLists } from '../../../shared/stores/dynamodb/name-lists.ts';
import { createTallyReader } from '../../../shared/stores/redis/tally-reader.ts';
import { createConfigRoute, type ConfigRouteDeps } from '../../../functions/config/config.ts';
import { createCors } from '../../../shared/runtime/cors.ts';
import { readContract } from '../../support/report/openapi.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

const NOWHERE = 'http://127.0.0.1:9';
const EVENT = { experiment: 'a/b', variant: 'red', event: 'participate', uuid: '1' };
const DEFINITION = {
  hypothesis: 'more',
  status: 'running',
  start: '2026-01-01',
  end: '2026-01-02',
  baseline: 'red',
  coverage: 0.5,
  winner: 'blue',
  exclusive: { group: 'checkout', range: [0, 0.5] },
  targeting: { country: { $in: ['DE', 'AT'] }, $not: { plan: 'free' } },
  hashVersion: 2,
  variants: [
    { name: 'red', weight: 1, description: 'as it was' },
    { name: 'blue', weight: 2 },
    { name: 'green', weight: 1 },
  ],
  goals: {
    primary: [{ name: 'clicked', metric: 'pct', better: 'lower', description: 'd' }],
    guardrail: [{ name: 'never' }],
  },
  method: 'fixed',
  alpha: 0.1,
  correction: 'none',
  smallestLift: 0.1,
  power: 0.9,
  decision: { variant: 'red', day: '2026-01-03', note: 'n' },
  hidden: true,
};
const GET_EVENT = { path: '/track', query: new URLSearchParams(EVENT).toString() };
const json = (path: string, body: unknown): HttpRequest => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('what docs/api/openapi.yaml promises', () => {
  const contract = readContract();
  const seen = new Set<string>();
  let world: World;
  let deps: ReportDeps;
  beforeAll(async () => {
    world = await createWorld();
    deps = await createReportDeps(world);
    await countSomething(world);
  });
  afterAll(() => world.close());

  /** Checks an answer; `operation` is as the document names it. */
  function check(operation: string, status: number, answer: APIGatewayProxyStructuredResultV2): void {
    expect({ operation, status: answer.statusCode, body: answer.body }).toMatchObject({ operation, status });
    expect(contract.faultsOf(operation, answer)).toEqual([]);
    seen.add(`${operation} ${status}`);
  }

  test('the door answers as it says: accepted, in part, refused, and with the stream out of reach', async () => {
    const ingest = loadIngest({ STREAM_NAME: world.stream, KINESIS_ENDPOINT: world.kinesisEndpoint });
    check('GET /track', 200, await ingest(GET_EVENT));
    check('GET /track', 200, await ingest({ path: '/track', query: 'experiment=e&value=much' }));
    check('GET /track', 200, await ingest({ ...GET_EVENT, query: `${GET_EVENT.query}&value=much` }));
    for (const path of ['/track', '/events']) {
      const operation = `POST ${path}`;
      check(
        operation,
        200,
        await ingest(json(path, [EVENT, { ...EVENT, segments: { platform: 'ios' }, value: 1, unit: 'u' }])),
      );
      check(operation, 200, await ingest(json(path, { events: [EVENT, {}, 7, { ...EVENT, colour: 'red' }] })));
      check(operation, 400, await ingest(json(path, [{ ...EVENT, variant: '' }])));
      check(operation, 400, await ingest(json(path, '{')));
      check(operation, 400, await ingest(json(path, [])));
      check(operation, 413, await ingest(json(path, new Array(501).fill(EVENT))));
      check(operation, 413, await ingest(json(path, `"${'x'.repeat(256 * 1024)}"`)));
      check(operation, 415, await ingest({ ...json(path, EVENT), headers: { 'content-type': 'application/xml' } }));
    }
    const choosy = loadIngest({
      STREAM_NAME: world.stream,
      KINESIS_ENDPOINT: world.kinesisEndpoint,
      ALLOWED_ORIGINS: 'https://shop.example',
    });
    delete process.env.ALLOWED_ORIGINS;
    const strange = { headers: { 'content-type': 'text/plain', origin: 'https://other.example' } };
    check('GET /track', 403, await choosy({ ...GET_EVENT, ...strange }));
    check('POST /track', 403, await choosy({ ...json('/track', EVENT), ...strange }));
    check('POST /events', 403, await choosy({ ...json('/events', [EVENT]), ...strange }));
    const cutOff = loadIngest({ STREAM_NAME: world.stream, KINESIS_ENDPOINT: NOWHERE, PUT_BUDGET_MS: '100' });
    check('GET /track', 503, await cutOff(GET_EVENT));
    check('POST /track', 503, await cutOff(json('/track', EVENT)));
    check('POST /events', 503, await cutOff(json('/events', [EVENT])));
  });

  test('the report answers as it says: to those who may ask, to those who may not, and with Redis out of reach', async () => {
    const readings: [operation: string, path: string, query?: string][] = [
      ['GET /experiments', '/experiments'],
      ['GET /experiments', '/experiments', 'scope=a%2Fb,unknown'],
      ['GET /experiment', '/experiment', 'experiment=a%2Fb'],
      ['GET /v1/experiments', '/v1/experiments'],
      ['GET /v1/experiments', '/v1/experiments', 'format=csv'],
      ['GET /v1/experiment', '/v1/experiment', 'experiment=a%2Fb'],
      ['GET /v1/experiment', '/v1/experiment', 'experiment=a%2Fb&segment=platform%3Dios&method=bayesian&baseline=red'],
      ['GET /v1/experiment', '/v1/experiment', 'experiment=a%2Fb&method=abba'],
      ['GET /v1/experiment', '/v1/experiment', 'experiment=a%2Fb&format=csv'],
      ['GET /v1/experiments/{name}', '/v1/experiments/a%2Fb'],
      ['GET /v1/series', '/v1/series', 'experiment=a%2Fb&goal=clicked'],
      ['GET /v1/series', '/v1/series', 'experiment=a%2Fb'],
      ['GET /v1/series', '/v1/series', 'experiment=a%2Fb&format=csv'],
      ['PUT /v1/experiment', '/v1/experiment', 'experiment=a%2Fb'],
      ['PUT /v1/experiments/{name}', '/v1/experiments/defined%2Falone'],
      ['GET /v1/experiment', '/v1/experiment', 'experiment=a%2Fb'],
      ['GET /v1/experiments', '/v1/experiments'],
      ['DELETE /delete', '/delete', 'experiment=other'],
      ['DELETE /v1/experiment', '/v1/experiment', 'experiment=other'],
      ['DELETE /v1/experiments/{name}', '/v1/experiments/other'],
    ];
    const down = () => Promise.reject(new Error('Redis is down'));
    const broken = {
      ...deps,
      counters: { ...deps.counters, generation: down },
      tallies: { ...deps.tallies, namespace: down },
      deletions: { ...deps.deletions, delete: down },
      definitions: { ...deps.definitions, write: down },
    };
    for (const [operation, path, query = ''] of readings) {
      const method = operation.split(' ')[0] ?? '';
      const body = method === 'PUT' ? { body: JSON.stringify(DEFINITION) } : {};
      const ask = (key: string, from = deps) =>
        report(from, { method, path, query, headers: { 'x-api-key': key }, ...body });
      check(operation, operation.startsWith('DELETE /v1/') ? 204 : 200, await ask('admin'));
      check(operation, 401, await ask('wrong'));
      check(operation, 401, await report(deps, { method, path, query }));
      if (method !== 'GET') check(operation, 403, await ask('reader'));
      check(operation, 503, await ask('admin', broken));
    }
    const refused: [operation: string, path: string, query?: string, body?: string][] = [
      ['GET /v1/experiments', '/v1/experiments', 'format=xml'],
      ['GET /v1/experiment', '/v1/experiment'],
      ['GET /v1/experiment', '/v1/experiment', 'experiment=a%2Fb&baseline=nobody'],
      ['GET /v1/experiments/{name}', '/v1/experiments/a', 'method=guessing'],
      ['GET /v1/series', '/v1/series'],
      ['DELETE /v1/experiment', '/v1/experiment'],
      ['DELETE /v1/experiments/{name}', '/v1/experiments/a', 'namespace=%00'],
      ['GET /experiments', '/experiments', 'namespace=%00'],
      ['PUT /v1/experiment', '/v1/experiment', 'experiment=a', '{"alpha":2,"colour":1}'],
      ['PUT /v1/experiments/{name}', '/v1/experiments/a', '', '{'],
    ];
    for (const [operation, path, query = '', body] of refused) {
      const method = operation.split(' ')[0] ?? '';
      check(
        operation,
        400,
        await report(deps, {
          method,
          path,
          query,
          headers: { 'x-api-key': 'admin' },
          ...(body !== undefined && { body }),
        }),
      );
    }
    for (const [operation, path, query = ''] of [
      ['GET /v1/experiment', '/v1/experiment', 'experiment=unknown&namespace='],
      ['GET /v1/experiments/{name}', '/v1/experiments/unknown'],
      ['GET /v1/series', '/v1/series', 'experiment=unknown'],
    ] as const) {
      check(operation, 404, await report(deps, { method: 'GET', path, query, headers: { 'x-api-key': 'admin' } }));
    }
    const tooLarge = JSON.stringify({ hypothesis: 'x'.repeat(300_000) });
    for (const [operation, path] of [
      ['PUT /v1/experiment', '/v1/experiment'],
      ['PUT /v1/experiments/{name}', '/v1/experiments/a'],
    ] as const) {
      check(
        operation,
        413,
        await report(deps, {
          method: 'PUT',
          path,
          query: 'experiment=a',
          headers: { 'x-api-key': 'admin' },
          body: tooLarge,
        }),
      );
    }
    for (const [operation, path] of [
      ['PUT /v1/experiment', '/v1/experiment'],
      ['PUT /v1/experiments/{name}', '/v1/experiments/new'],
    ] as const) {
      const headers = { 'x-api-key': 'admin', 'if-match': '"2026-11-20T12:00:00.000Z"' };
      check(
        operation,
        412,
        await report(deps, { method: 'PUT', path, query: 'experiment=new', headers, body: JSON.stringify(DEFINITION) }),
      );
    }
    const headers = { authorization: 'Bearer admin' };
    check('GET /experiment', 400, await report(deps, { path: '/experiment', headers }));
    check('DELETE /delete', 400, await report(deps, { method: 'DELETE', path: '/delete', headers }));
    check('GET /health', 200, await report(deps, { path: '/health' }));
    check('GET /health', 200, await report(deps, { path: '/health', headers }));
    check('GET /health', 401, await report(deps, { path: '/health', headers: { 'x-api-key': 'wrong' } }));
    check('GET /health', 503, await report(broken, { path: '/health', headers }));
  });

  test('the config answers as it says: to everybody, to who has it, to a strange question, and with the table out of reach', async () => {
    const route = (changes: Partial<ConfigRouteDeps> = {}) =>
      createConfigRoute({ ...deps, cors: createCors([]), now: () => 0, onError: () => undefined, ...changes });
    const ask = (request: Partial<HttpRequest>, answer = route()) =>
      answer(httpEvent({ path: '/v1/config', ...request }));
    const fresh = await ask({});
    check('GET /v1/config', 200, fresh);
    expect(JSON.parse(fresh.body ?? '')).toMatchObject({ experiments: { 'defined/alone': { coverage: 0.5 } } });
    const etag = String(fresh.headers?.etag);
    check('GET /v1/config', 304, await ask({ headers: { 'if-none-match': `"other", ${etag}` } }));
    check('GET /v1/config', 400, await ask({ query: `namespace=${'x'.repeat(300)}` }));
    const readAll = () => Promise.reject(new Error('the table is down'));
    check('GET /v1/config', 503, await ask({}, route({ definitions: { readAll } })));
  });

  test('every documented answer has been given above', () => {
    // 429 is the gateway's own answer, which none of our functions gives.
    const ours = [...contract.documented].filter((answer) => !answer.endsWith(' 429'));
    expect([...seen].sort()).toEqual(ours.sort());
  });

  test('an answer with a property that is not documented is a fault', () => {
    const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*' };
    const answer = (body: object) => ({ statusCode: 200, headers, body: JSON.stringify(body) });
    expect(contract.faultsOf('GET /track', answer({ accepted: 1 }))).toEqual([]);
    expect(contract.faultsOf('GET /track', answer({ accepted: 1, more: true }))).not.toEqual([]);
    expect(contract.faultsOf('GET /track', { ...answer({ accepted: 1 }), headers: {} })).not.toEqual([]);
    expect(contract.faultsOf('GET /track', { ...answer({ accepted: 1 }), statusCode: 202 })).not.toEqual([]);
  });
});

type Ask = (request: HttpRequest) => Promise<APIGatewayProxyStructuredResultV2>;

/** The door's own handler, started anew with these settings. */
function loadIngest(settings: Record<string, string>): Ask {
  Object.assign(process.env, settings);
  jest.resetModules();
  const { handler } = jest.requireActual<typeof IngestHandler>('../../../functions/ingest/handler.ts');
  return async (request) => {
    const answer = await handler(httpEvent(request), context, () => undefined);
    if (typeof answer !== 'object') throw new Error(`expected a structured answer, got ${String(answer)}`);
    return answer;
  };
}

async function report(deps: ReportDeps, request: HttpRequest): Promise<APIGatewayProxyStructuredResultV2> {
  return toResult(await createRoutes(deps).fetch(toRequest(httpEvent(request))));
}

async function createReportDeps({ dynamodb, stateTable, redis, prefix }: World): Promise<ReportDeps> {
  const apiKeys = createApiKeys(dynamodb, stateTable, Date.now);
  await apiKeys.add('admin', 'admin');
  await apiKeys.add('reader', 'read');
  return {
    apiKeys,
    counters: createCounterReader(redis, prefix),
    tallies: createTallyReader(redis, prefix),
    checkpoints: createCheckpoints(dynamodb, stateTable),
    definitions: createDefinitions(dynamodb, stateTable, Date.now),
    now: Date.now,
    deletions: createDeletions(dynamodb, stateTable, {
      now: () => Promise.resolve(Date.now()),
      sleep: () => Promise.resolve(),
    }),
    imports: createImports(dynamodb, stateTable),
    nameLists: createNameLists(dynamodb, stateTable),
    losses: createLosses(dynamodb, stateTable),
    ingestNotes: createIngestNotes(dynamodb, stateTable, Date.now),
    onError: () => undefined,
  };
}

/** Exposures and goals of two variants, with units, values and segments. */
async function countSomething({ redis, prefix }: World): Promise<void> {
  const counters = createCounters(redis, prefix);
  const generation = await counters.initPointer('g1');
  const visits = ['red', 'blue'].flatMap((variant) =>
    Array.from({ length: 200 }, (_, i) => ({ variant, unit: `${variant}-${i}` })),
  );
  const events = visits.flatMap(({ variant, unit }, i) =>
    ['participate', ...(i % 5 === 0 ? ['clicked'] : [])].map((event) => ({
      event: { ...EVENT, namespace: 'alephbet', variant, event, unit, value: i % 7, segments: { platform: 'ios' } },
      incarnation: 0,
      claim: { id: new Uint8Array(), owner: '', at: Date.now() },
    })),
  );
  const move = { pointer: generation, generation, shard: 'stream/shard', expected: undefined, next: '1' };
  const countEvents = createCountEvents({ counters, deletions: nothingDeleted });
  const result = await countEvents({ ...move, ancestors: [], watermarks: new Map(), respectHold: true }, events);
  expect(result).toBe('applied');
}
