import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { createApiKeys } from '../../shared/stores/dynamodb/api-keys.ts';
import { callHandler } from '../support/aws/gateway.ts';
import {
  environmentOf,
  loadArchive,
  loadConsumer,
  loadIngest,
  loadRecover,
  loadReport,
} from '../support/aws/load-handler.ts';
import { actionsOf, allows, neededFor, neededForFiles, type Needed } from '../support/aws/role-of-calls.ts';
import { anEvent } from '../support/counting/events.ts';
import { readShards } from '../support/counting/read-stream.ts';
import { createWorld, type World } from '../support/counting/world.ts';
import { startS3Stub, type S3Stub } from '../support/log/s3-stub.ts';
import { startCountingProxy, type CountingProxy } from '../support/local/counting-proxy.ts';
import { runMem } from '../support/local/run-mem.ts';

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

let world: World;
let kinesis: CountingProxy;
let dynamodb: CountingProxy;
let files: S3Stub;
let environment: Record<string, string>;
/** What each function has asked AWS for. */
const needed = new Map<string, Needed[]>();

beforeAll(async () => {
  world = await createWorld();
  [kinesis, dynamodb, files] = await Promise.all([
    startCountingProxy(world.kinesisEndpoint),
    startCountingProxy(world.dynamodbEndpoint),
    startS3Stub(),
  ]);
  environment = {
    ...environmentOf(world),
    KINESIS_ENDPOINT: kinesis.endpoint,
    DYNAMODB_ENDPOINT: dynamodb.endpoint,
    EVENT_LOG: 's3://log',
    AWS_ENDPOINT_URL_S3: files.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  await createApiKeys(world.dynamodb, world.stateTable, Date.now).add('admin', 'admin');
});
afterAll(async () => {
  kinesis.close();
  dynamodb.close();
  files.close();
  await world.close();
});

async function during<T>(role: string, work: () => Promise<T>): Promise<T> {
  const result = await work();
  const tables = new Map([
    [world.claimsTable, 'ClaimsTable'],
    [world.stateTable, 'StateTable'],
  ]);
  const calls = [...kinesis.take(), ...dynamodb.take()];
  needed.set(role, [
    ...(needed.get(role) ?? []),
    ...calls.flatMap((call) => neededFor(call, tables)),
    ...files.take().map(neededForFiles),
  ]);
  return result;
}

/** Everything that the stream holds, as Lambda delivers it. */
async function deliveries(): Promise<KinesisStreamEvent[]> {
  return [...(await readShards(world))].map(
    ([shard, records]) =>
      ({
        Records: records.map(({ sequence, data }) => ({
          eventID: `${shard}:${sequence}`,
          kinesis: {
            sequenceNumber: sequence,
            data: Buffer.from(data).toString('base64'),
            approximateArrivalTimestamp: Date.now() / 1_000,
          },
        })),
      }) as KinesisStreamEvent,
  );
}

async function ingestAndConsume(): Promise<void> {
  await during('IngestRole', async () => {
    const ingest = await loadIngest({ ...environment, EVENT_LIMITS: '{"perSecond":100}' });
    const twice = anEvent({ unit: 'a' });
    const body = JSON.stringify([twice, ...Array.from({ length: 20 }, (_, i) => anEvent({ variant: `v${i}` })), twice]);
    expect((await callHandler(ingest, { method: 'POST', path: '/events', body })).status).toBe(200);
  });
  process.env.EVENT_LIMITS = '';
  await during('ConsumerRole', async () => {
    // Some variants are over the limit, so that samples of them are kept.
    const consumer = await loadConsumer({ ...environment, LIMITS: '{"variants":5}' });
    for (const delivery of await deliveries()) {
      if (delivery.Records.length > 0) await consumer(delivery, context, () => undefined);
    }
  });
  process.env.LIMITS = '';
}

async function useReport(): Promise<void> {
  await during('ReportRole', async () => {
    const report = await loadReport(environment);
    const ask = (method: string, path: string, query = '', body?: string) =>
      callHandler(report, { method, path, query, headers: { 'x-api-key': 'admin' }, ...(body && { body }) });
    const answers = [
      await ask('GET', '/health'),
      await ask('GET', '/v1/experiments'),
      await ask('PUT', '/v1/experiment', 'experiment=button', '{"hypothesis":"more"}'),
      await ask('GET', '/v1/experiment', 'experiment=button'),
      await ask('GET', '/v1/series', 'experiment=button&goal=buy'),
      await ask('GET', '/experiments'),
      await ask('DELETE', '/v1/experiment', 'experiment=button'),
    ];
    expect(answers.map(({ status }) => Math.floor(status / 100))).toEqual(answers.map(() => 2));
  });
}

/** Once with files to write, once without knowing any more where they end. */
async function writeLog(): Promise<void> {
  await during('ArchiveRole', async () => {
    const archive = await loadArchive(environment);
    await archive(undefined, context);
    await forgetPositions();
    await archive(undefined, context);
  });
  const keys = [...files.objects.keys()];
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !/^events\/v1\/.+\/shardId-\d+\/(start|\d+)\.parquet$/.test(key))).toEqual([]);
}

async function forgetPositions(): Promise<void> {
  const shards = [...files.objects.keys()].map((key) => key.split('/').slice(2, -1).join('/'));
  for (const sk of shards) {
    const Key = { pk: { S: 'log' }, sk: { S: sk } };
    await world.dynamodb.send(new DeleteItemCommand({ TableName: world.stateTable, Key }));
  }
}

async function recoverFromLoss(): Promise<void> {
  await world.redis.del(await world.redis.keys(`${world.prefix}:*`));
  await during('RecoverRole', async () => (await loadRecover(environment))(undefined, context));
}

/** What runs in the network of a stage: see cli/inside-commands.ts. */
async function operate(): Promise<void> {
  Object.assign(process.env, environment);
  await during('OperateRole', async () => {
    const commands = [
      ['verify'],
      ['status'],
      ['namespaces'],
      ['redis'],
      ['replay'],
      ['generations'],
      ['generations', 'remove', 'g1'],
      ['experiments'],
      ['visitors', 'forget', 'a'],
      ['experiments', 'delete', 'button', '--yes'],
    ];
    for (const command of commands) await runMem(...command);
  });
}

test('every call that a function makes, its role allows, and a role allows nothing that no function asks for', async () => {
  await ingestAndConsume();
  await useReport();
  await ingestAndConsume();
  await writeLog();
  await recoverFromLoss();
  await operate();

  const refused = [...needed].flatMap(([role, calls]) =>
    calls.filter((call) => !allows(role, call)).map((call) => ({ role, ...call })),
  );
  // mem status asks for it, and says where it is to be seen: what runs in the network may not read visitors' events.
  const meant = refused.filter(
    ({ role, leadingKeys: [key = ''] }) => role === 'OperateRole' && key.startsWith('quarantine'),
  );
  expect(meant).not.toEqual([]);
  expect(refused.filter((call) => !meant.includes(call))).toEqual([]);

  const unused = [...needed].flatMap(([role, calls]) => {
    const used = new Set(calls.map(({ action }) => action));
    return [...new Set(actionsOf(role))].filter((action) => !used.has(action)).map((action) => `${role} ${action}`);
  });
  expect(unused).toEqual([
    // Lambda's delivery reads with the consumer's role, and so does its catching up.
    ...['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator'].map(
      (action) => `ConsumerRole kinesis:${action}`,
    ),
    'ConsumerRole s3:GetObject',
    'ConsumerRole s3:ListBucket',
    'ArchiveRole dynamodb:PutItem', // where the stream no longer holds what the log lacks
  ]);
});
