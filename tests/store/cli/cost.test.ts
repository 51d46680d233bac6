import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { nextEvent } from '../../../bench/events.ts';
import { BATCH, EVENT, INGEST_LINE, REQUEST, SETTINGS, VISITOR_BYTES } from '../../../cli/cost/usage.ts';
import { consume, type ConsumerDeps } from '../../../shared/counting/consume.ts';
import type { ShardRecord } from '../../../shared/counting/decode.ts';
import { createConsumerDeps } from '../../../functions/consumer/deps.ts';
import { startChildServer, type ChildServer } from '../../../local/child-server.ts';
import { findFreePorts } from '../../../local/free-ports.ts';
import { findSystemProgram } from '../../../local/system-program.ts';
import { readConsumerConfig } from '../../../shared/runtime/config.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { createMeter, type Meter } from '../../../shared/runtime/metrics.ts';
import { connectRedis } from '../../../shared/stores/redis/client.ts';
import { connectStores, type AllStores } from '../../../shared/stores/connect.ts';
import { decodeRecord } from '../../../shared/counting/stream-record.ts';
import { startCountingProxy, type AwsCall, type CountingProxy } from '../../support/local/counting-proxy.ts';
import { callHandler } from '../../support/aws/gateway.ts';
import { environmentOf, loadIngest } from '../../support/aws/load-handler.ts';
import { readShards } from '../../support/counting/read-stream.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

/** Sizes depend on names: what is measured here must not be larger than the model says, and not much smaller. */
function expectNear(measured: number, modelled: number): void {
  expect(measured).toBeLessThanOrEqual(modelled);
  expect(measured).toBeGreaterThan(0.75 * modelled);
}

const countOf = (calls: readonly AwsCall[], operation: string) =>
  calls.filter((call) => call.operation === operation).length;

const EXPERIMENTS = 4;
const SIZES = [1, 10, 25];
/** Those of the last size are measured; those before them have had every name. */
const isLarge = ({ data }: ShardRecord) => decodeRecord(data).events.length === SIZES.at(-1);
const JSON_TYPE = { 'content-type': 'application/json' };
/** What CloudWatch adds to a line, and DynamoDB to an item, bytes. */
const LOG_OVERHEAD = 26;
const ITEM_OVERHEAD = 100;

/** Exposures in all experiments come first: of what a visitor's goals wait for, marks of deletion are read once more. */
const eventOf = (unit: string, isExposure: boolean): TrackedEvent => ({
  ...nextEvent(true),
  unit,
  ...(isExposure && { event: 'participate' }),
});

describe('the model of what an event costs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-cost-'));
  let world: World;
  let server: ChildServer;
  let redisUrl: string;
  let kinesis: CountingProxy;
  let dynamodb: CountingProxy;
  let environment: Record<string, string>;
  let meter: Meter;
  let stores: AllStores;
  let consumerDeps: ConsumerDeps;

  beforeAll(async () => {
    world = await createWorld();
    const [port = 0] = await findFreePorts(1);
    const say = () => undefined;
    server = await startChildServer({
      root: resolve(),
      name: 'redis',
      port,
      folder,
      args: [findSystemProgram('redis', say)],
      say,
    });
    redisUrl = `redis://127.0.0.1:${port}`;
    [kinesis, dynamodb] = await Promise.all([
      startCountingProxy(world.kinesisEndpoint),
      startCountingProxy(world.dynamodbEndpoint),
    ]);
    environment = {
      ...environmentOf(world),
      REDIS_URL: redisUrl,
      KINESIS_ENDPOINT: kinesis.endpoint,
      DYNAMODB_ENDPOINT: dynamodb.endpoint,
    };
    process.env.POWERTOOLS_METRICS_DISABLED = 'false';
    meter = createMeter('consumer', 'test', 0);
    stores = await connectStores(readConsumerConfig(environment), say);
    consumerDeps = createConsumerDeps(stores, createLogger('consumer'), meter);
  });

  afterAll(async () => {
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    kinesis.close();
    dynamodb.close();
    stores.close();
    await server.stop();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs something, and answers the lines of metrics that it writes. */
  async function linesOf(run: () => Promise<void>): Promise<string[]> {
    const said = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      await run();
      return said.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('CloudWatchMetrics'));
    } finally {
      said.mockRestore();
    }
  }

  test.each(SIZES)(
    'puts %i events of a visitor into one record with one call, and writes a line a second at most',
    async (size) => {
      const handler = await loadIngest(environment);
      const requests = 20;
      kinesis.take();
      const start = Date.now();
      const lines = await linesOf(async () => {
        for (let i = 0; i < requests; i += 1) {
          const unit = `visitor-${i}`;
          const events = Array.from({ length: size }, (_, index) =>
            eventOf(unit, index < size - 1 && index < EXPERIMENTS),
          );
          const body = JSON.stringify(events);
          expect(
            (await callHandler(handler, { method: 'POST', path: '/events', headers: JSON_TYPE, body })).status,
          ).toBe(200);
        }
      });
      const seconds = Math.ceil((Date.now() - start) / 1_000);

      const calls = kinesis.take();
      expect(calls.map(({ operation }) => operation)).toEqual(
        Array.from({ length: requests * REQUEST.putRecords }, () => 'PutRecords'),
      );
      const records = calls.flatMap(({ body }) => body.Records as { Data: string }[]);
      expect(records).toHaveLength(requests * REQUEST.records);
      for (const { Data } of records) {
        expectNear(Buffer.from(Data, 'base64').length, REQUEST.envelopeBytes + size * EVENT.bytes);
      }
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.length).toBeLessThanOrEqual(1 + seconds / INGEST_LINE.everySeconds);
      expect(lines[0]?.length).toBeLessThanOrEqual(INGEST_LINE.bytes);
    },
  );

  /** As a mapping does: what a busy server left unsettled is delivered again. */
  async function countAll(shard: string, records: ShardRecord[]): Promise<void> {
    for (let first = 0; first !== -1;) {
      const retryFrom = await consume(shard, records.slice(first), consumerDeps, () => 300_000);
      first = records.findIndex(({ sequence }) => sequence === retryFrom);
    }
  }

  /** Counts what the stream holds, a batch for each shard. @returns how many batches and events there were */
  async function consumeAll(
    perShard: (records: ShardRecord[]) => ShardRecord[],
  ): Promise<{ batches: number; events: number; records: number }> {
    const done = { batches: 0, events: 0, records: 0 };
    for (const [shard, all] of await readShards(world)) {
      const records = perShard(all);
      if (records.length === 0) continue;
      meter.milliseconds('OldestRecordAge', 1_234);
      await countAll(shard, records);
      meter.flush();
      done.batches += 1;
      done.records += records.length;
      done.events += records.reduce((sum, { data }) => sum + decodeRecord(data).events.length, 0);
    }
    return done;
  }

  test('writes a claim for each event, and for each batch one checkpoint, four commands to Redis and a line', async () => {
    const observer = connectRedis(redisUrl, () => undefined);
    const commandsOf = async () => {
      const calls = [...(await observer.info('commandstats')).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)];
      return calls.filter(([, name]) => name !== 'info').reduce((sum, [, , count]) => sum + Number(count), 0);
    };
    await linesOf(async () => {
      await consumeAll((records) => records.filter((record) => !isLarge(record))); // connections, pointer, script, names
    });
    dynamodb.take();
    const before = await commandsOf();
    let done = { batches: 0, events: 0, records: 0 };
    const lines = await linesOf(async () => {
      done = await consumeAll((records) => records.filter(isLarge));
    });
    const commands = (await commandsOf()) - before;
    await observer.quit();
    const { batches, events, records } = done;

    const calls = dynamodb.take();
    const reads = calls
      .filter(({ operation }) => operation === 'BatchGetItem')
      .flatMap(({ body }) =>
        Object.values(body.RequestItems as Record<string, { Keys: unknown[] }>).flatMap(({ Keys }) => Keys),
      );
    expect(batches).toBeGreaterThan(0);
    const statements = calls
      .filter(({ operation }) => operation === 'BatchExecuteStatement')
      .flatMap(({ body }) => body.Statements as unknown[]);
    expect(statements).toHaveLength(events * EVENT.claimWrites);
    expect(countOf(calls, 'UpdateItem')).toBe(batches * BATCH.tableWrites);
    expect(reads).toHaveLength(batches * BATCH.tableReads(EXPERIMENTS));
    expect(countOf(calls, 'PutItem')).toBe(0);
    expect(countOf(calls, 'BatchGetItem')).toBe(batches * 2);
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(
      new Set(['BatchExecuteStatement', 'BatchGetItem', 'UpdateItem']),
    );
    expectNear(commands, batches * (BATCH.redisCommands + BATCH.redisScriptCommands(EXPERIMENTS, records / batches)));
    expect(lines).toHaveLength(batches * BATCH.logLines);
    expectNear(Math.max(...lines.map((line) => line.length + LOG_OVERHEAD)), BATCH.logBytes);
  });

  test('keeps so many bytes of an event in DynamoDB, and of a visitor in Redis', async () => {
    const handler = await loadIngest(environment);
    const visitor = (i: number): TrackedEvent => ({
      ...nextEvent(true),
      experiment: 'remembered',
      event: i % 2 === 0 ? 'participate' : 'bought',
      unit: `visitor-${Math.floor(i / 2)}`,
    });
    await linesOf(async () => {
      for (let first = 0; first < 1_500; first += 500) {
        const body = JSON.stringify(Array.from({ length: 500 }, (_, i) => visitor(first + i)));
        expect((await callHandler(handler, { method: 'POST', path: '/events', headers: JSON_TYPE, body })).status).toBe(
          200,
        );
      }
      await consumeAll((records) => records);
    });

    const { Items = [] } = await world.dynamodb.send(new ScanCommand({ TableName: world.claimsTable, Limit: 50 }));
    const sizeOf = ([name, { B, S, N }]: [string, AttributeValue]) =>
      name.length + (B?.length ?? S?.length ?? Math.ceil((N?.length ?? 0) / 2) + 1);
    expectNear(
      Math.max(
        ...Items.map((item) => Object.entries(item).reduce((sum, attribute) => sum + sizeOf(attribute), ITEM_OVERHEAD)),
      ),
      EVENT.claimBytes,
    );

    const redis = connectRedis(redisUrl, () => undefined);
    // As many in a bucket as there are where visitors are so many that their memory matters.
    const bucket = `bucket ${randomUUID()}`;
    for (const key of (await redis.keys(`*:visitors:*`)).slice(0, 100)) {
      for (const [field, value] of Object.entries(await redis.hgetallBuffer(key))) {
        await redis.hset(bucket, field, value);
      }
    }
    expectNear(Number(await redis.memory('USAGE', bucket, 'SAMPLES', '0')) / (await redis.hlen(bucket)), VISITOR_BYTES);
    await redis.unlink(bucket);
    await redis.quit();
  });

  test('has the sizes of serverless.yml and deploy', () => {
    const { functions } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' }) as Serverless;
    expect(functions.ingest.memorySize).toBe(SETTINGS.ingestMb);
    expect(functions.consumer.memorySize).toBe(SETTINGS.consumerMb);
    expect(functions.recover.memorySize).toBe(SETTINGS.healMb);
    expect(functions.recover.events[0]).toEqual({ schedule: `rate(${SETTINGS.healEveryMinutes} minutes)` });
    expect(functions.archive.memorySize).toBe(SETTINGS.logMb);
    expect(functions.consumer.events[0]?.stream).toMatchObject({ batchSize: SETTINGS.batchSize });
    const { Resources } = parse(readFileSync('deploy/resources/stores.yml', 'utf8'), { logLevel: 'silent' }) as {
      Resources: { EventStream: { Properties: { RetentionPeriodHours: number } } };
    };
    expect(Resources.EventStream.Properties.RetentionPeriodHours).toBe(24 * SETTINGS.retentionDays);
    const metrics = readFileSync('shared/runtime/metrics.ts', 'utf8')
      .split('export interface')[0]
      ?.match(/^ {2}\| '/gm);
    expect(metrics).toHaveLength(SETTINGS.metrics);
  });
});

interface Serverless {
  functions: Record<
    'ingest' | 'consumer' | 'recover' | 'archive',
    { memorySize: number; events: { stream?: object; schedule?: string }[] }
  >;
}
