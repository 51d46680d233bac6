import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ingest, type IngestAnswer, type IngestDeps } from '../../../functions/ingest/ingest.ts';
import { createPutRecords } from '../../../shared/stores/kinesis/put.ts';
import { createKinesisClient } from '../../../shared/stores/aws-clients.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { anEvent, bytesOf } from '../../support/counting/events.ts';
import { injectFaults, refuseRecords, type Fault } from '../../support/aws/faults.ts';
import { listenBefore } from '../../support/listen.ts';
import { readEvents } from '../../support/counting/read-stream.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let client: KinesisClient;
let outcomes: { accepted: number; rejected: number; failure?: string }[];

beforeAll(async () => {
  world = await createWorld();
});
beforeEach(() => {
  client = createKinesisClient(world.kinesisEndpoint, { maxAttempts: 1 });
  outcomes = [];
});
afterAll(() => world.close());

let keys = 0;

async function send(
  events: TrackedEvent[],
  budgetMs = 5_000,
  changes: Partial<IngestDeps> = {},
): Promise<IngestAnswer> {
  const deps: IngestDeps = {
    putRecords: createPutRecords(client, world.stream),
    now: Date.now,
    random: () => 0.1,
    sleep: (ms) => sleep(ms),
    randomKey: () => `key-${(keys += 1)}`,
    observe: (outcome) => outcomes.push(outcome),
    ...changes,
  };
  const request = { method: 'POST', rawQuery: '', headers: {}, body: bytesOf(events) };
  return ingest(request, deps, Date.now() + budgetMs);
}

async function timesInStream(events: TrackedEvent[]): Promise<number[]> {
  const stored = await readEvents(world);
  return events.map(({ uuid }) => stored.filter((event) => event.uuid === uuid).length);
}

/** Each of another unit, so each in a record of its own. */
const units = (count: number) => Array.from({ length: count }, (_, index) => anEvent({ unit: `unit-${index}` }));

describe('a stream that refuses a part', () => {
  test('gets only that part again, until all of it is acknowledged', async () => {
    const events = units(6);
    const calls = refuseRecords(client, (call, index) => (call === 0 ? index % 2 === 1 : call === 1 && index < 2));
    expect(await send(events)).toEqual({ status: 200, body: { accepted: 6 } });
    expect(calls.sizes()).toEqual([6, 3, 2]);
    expect(await timesInStream(events)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('and goes on refusing, is answered with 503 inside the budget', async () => {
    const events = units(2);
    refuseRecords(client, (_, index) => index === 1 || index === 0);
    const started = Date.now();
    expect(await send(events, 300)).toMatchObject({ status: 503, retryAfterSeconds: 2, body: { accepted: 0 } });
    expect(Date.now() - started).toBeLessThan(1_000);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]?.failure).toMatch(/2 records not acknowledged in time: refused by the stream/);
  });

  test('never gets the second part of a unit before it has the first', async () => {
    const events = Array.from({ length: 400 }, () => anEvent({ unit: 'ann', experiment: 'e'.repeat(200) }));
    refuseRecords(client, (call) => call % 2 === 0);
    expect((await send(events)).body).toEqual({ accepted: 400 });
    const stored = (await readEvents(world)).filter(({ unit }) => unit === 'ann');
    expect(stored.map(({ uuid }) => uuid)).toEqual(events.map(({ uuid }) => uuid));
  });
});

describe('a call that fails', () => {
  test.each<[Fault, number]>([
    ['throttled', 1],
    ['reset before', 1],
    ['timeout before', 1],
    ['reset after', 2],
    ['timeout after', 2],
  ])('with "%s" is made again: the event is in the stream %i times, under one uuid', async (fault, times) => {
    const events = [anEvent()];
    injectFaults(client, 'PutRecords', (call) => (call === 0 ? fault : undefined));
    expect((await send(events)).status).toBe(200);
    expect(await timesInStream(events)).toEqual([times]);
  });

  test('for ever is answered with 503, and not before it was tried again', async () => {
    const faults = injectFaults(client, 'PutRecords', () => 'reset before');
    expect((await send([anEvent()], 400)).status).toBe(503);
    expect(faults.calls()).toBeGreaterThan(2);
  });

  test('by hanging is given up early enough to be made again', async () => {
    const events = [anEvent()];
    const proxy = await listenBefore(world.kinesisEndpoint, 1);
    client = createKinesisClient(proxy.endpoint, { maxAttempts: 1 });
    expect((await send(events, 5_000)).status).toBe(200);
    expect(proxy.connections()).toBe(2);
    expect(await timesInStream(events)).toEqual([1]);
    proxy.close();
  });
});

describe('what ingest cannot foresee', () => {
  test('is answered with 503, never with 200 and never by throwing', async () => {
    const randomKey = () => {
      throw new Error('no entropy');
    };
    expect(await send([anEvent()], 1_000, { randomKey })).toMatchObject({
      status: 503,
      body: { accepted: 0, error: { code: 'internal_error' } },
    });
  });

  test('may happen at the second wave: nothing is acknowledged then', async () => {
    const events = Array.from({ length: 400 }, () => anEvent({ unit: 'eve', experiment: 'e'.repeat(200) }));
    injectFaults(client, 'PutRecords', (call) => (call > 0 ? 'throttled' : undefined));
    expect(await send(events, 300)).toMatchObject({ status: 503, body: { accepted: 0 } });
  });
});
