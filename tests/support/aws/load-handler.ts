import { afterAll, jest } from '@jest/globals';
import type { APIGatewayProxyHandlerV2, KinesisStreamHandler } from 'aws-lambda';
import type { Redis } from 'ioredis';
import type { World } from '../counting/world.ts';

type Environment = Record<string, string>;

/** What serverless.yml and the local stack would set for a test's own stream, tables and Redis. */
export function environmentOf(world: World): Environment {
  return {
    STREAM_NAME: world.stream,
    CLAIMS_TABLE: world.claimsTable,
    STATE_TABLE: world.stateTable,
    REDIS_URL: world.redisUrl,
    REDIS_PREFIX: world.prefix,
    KINESIS_ENDPOINT: world.kinesisEndpoint,
    DYNAMODB_ENDPOINT: world.dynamodbEndpoint,
    POWERTOOLS_DEV: 'false',
    LOG_LEVEL: 'SILENT',
  };
}

/** Starts a function anew, as a cold start does. */
export async function loadIngest(environment: Environment): Promise<APIGatewayProxyHandlerV2> {
  return coldStart(environment, async () => (await import('../../../functions/ingest/handler.ts')).handler);
}

export async function loadReport(environment: Environment): Promise<APIGatewayProxyHandlerV2> {
  return coldStart(environment, async () => (await import('../../../functions/report/handler.ts')).handler);
}

export async function loadConsumer(environment: Environment): Promise<KinesisStreamHandler> {
  return coldStart(environment, async () => (await import('../../../functions/consumer/handler.ts')).handler);
}

export async function loadRecover(environment: Environment) {
  return coldStart(environment, async () => (await import('../../../functions/recover/handler.ts')).handler);
}

export async function loadArchive(environment: Environment) {
  return coldStart(environment, async () => (await import('../../../functions/archive/handler.ts')).handler);
}

async function coldStart<T>(environment: Environment, load: () => Promise<T>): Promise<T> {
  Object.assign(process.env, environment);
  let loaded: T | undefined;
  await jest.isolateModulesAsync(async () => {
    rememberConnections((await import('ioredis')).Redis.prototype as Redis);
    loaded = await load();
  });
  if (loaded === undefined) throw new Error('the handler was not loaded');
  return loaded;
}

/** A function keeps its connections for its next invocation: here they would be made again after the server's end. */
const connected = new Set<Redis>();
afterAll(() => {
  for (const redis of connected) redis.disconnect();
});

function rememberConnections(prototype: Redis): void {
  const connect = Reflect.get<Redis, 'connect'>(prototype, 'connect');
  prototype.connect = function connectAndRemember(this: Redis, ...callback) {
    connected.add(this);
    return connect.apply(this, callback);
  };
}
