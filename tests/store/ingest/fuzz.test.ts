import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { queryOf, trackedEvents } from '../../support/counting/any-event.ts';
import { anEvent } from '../../support/counting/events.ts';
import { callHandler, type HttpAnswer, type HttpRequest } from '../../support/aws/gateway.ts';
import { useIngest } from '../../support/aws/use-ingest.ts';

const ingest = useIngest();

const parameters = fc.oneof(
  fc.constantFrom(
    'namespace',
    'experiment',
    'variant',
    'event',
    'uuid',
    'unit',
    'value',
    'segment.a',
    'segment.',
    '__proto__',
  ),
  fc.string({ unit: 'binary' }),
);
const queries = fc.oneof(
  fc.string(),
  fc.webQueryParameters(),
  fc
    .array(fc.tuple(parameters, fc.oneof(fc.string({ unit: 'binary' }), fc.double().map(String))))
    .map((pairs) => new URLSearchParams(pairs).toString()),
  trackedEvents.map(queryOf),
);

/** An event that is valid, nearly so, or nothing of the kind. */
const candidates = fc.oneof(
  trackedEvents,
  fc
    .tuple(trackedEvents, fc.constantFrom(...Object.keys(anEvent()), 'unit', 'value', 'segments', 'x'), fc.jsonValue())
    .map(([event, key, value]) => ({ ...event, [key]: value })),
  fc.jsonValue(),
);
const texts = fc.oneof(
  fc
    .oneof(candidates, fc.array(candidates, { maxLength: 20 }), fc.record({ events: fc.array(candidates) }))
    .map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }),
  fc.json(),
);
const types = fc.option(
  fc.oneof(
    fc.constantFrom('application/json', 'text/plain;charset=UTF-8', 'text/html', 'application/json; charset=latin1'),
    fc.string(),
  ),
  { nil: undefined },
);
const posts = fc.record({
  text: texts,
  type: types,
  isBase64Encoded: fc.boolean(),
  encoding: fc.option(fc.constantFrom('gzip', 'deflate', 'br', 'identity', ''), { nil: undefined }),
});

describe('whatever comes to', () => {
  test('GET /track, the answer has the documented form', async () => {
    await fuzz(queries.map((query) => ({ method: 'GET', path: '/track', query })));
  });

  test.each(['/track', '/events'])('POST %s, the answer has the documented form', async (path) => {
    await fuzz(
      posts.map(({ text, type, isBase64Encoded, encoding }) => ({
        method: 'POST',
        path,
        headers: {
          ...(type !== undefined && { 'content-type': type }),
          ...(encoding !== undefined && { 'content-encoding': encoding }),
        },
        body: isBase64Encoded ? Buffer.from(text).toString('base64') : text,
        isBase64Encoded,
      })),
    );
  });
});

async function fuzz(requests: fc.Arbitrary<HttpRequest>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(requests, async (request) =>
      expectDocumented(request, await callHandler(ingest.handler, request)),
    ),
    { numRuns: 200 },
  );
}

function expectDocumented({ method }: HttpRequest, { status, headers, body }: HttpAnswer): void {
  expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'content-type': 'application/json' });
  const { accepted, rejected, leftOut, error } = body as {
    accepted: number;
    rejected?: unknown[];
    leftOut?: unknown[];
    error?: unknown;
  };
  expect([200, 400, 413, 415]).toContain(status);
  expect(accepted > 0 || method === 'GET').toBe(status === 200);
  if (error !== undefined) {
    expect(body).toEqual({
      accepted: 0,
      error: { code: expect.stringMatching(/^[a-z_]+$/), message: expect.stringMatching(/./) },
    });
  } else if (rejected !== undefined) {
    const rejection = {
      index: expect.any(Number),
      code: expect.stringMatching(/^[a-z_]+$/),
      message: expect.stringMatching(/./),
    };
    expect(rejected).toEqual(rejected.map(() => rejection));
  } else {
    expect(body).toEqual({ accepted, leftOut });
  }
  const part = { property: expect.any(String), message: expect.stringMatching(/./), events: expect.any(Number) };
  expect(leftOut ?? []).toEqual((leftOut ?? []).map(() => part));
}
