import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Redis } from 'ioredis';
import { parse } from 'yaml';
import { createStores, type Resources } from '../../../local/create-stores.ts';
import { createDynamoDBClient, createKinesisClient } from '../../../shared/stores/aws-clients.ts';
import { connectRedis, type RedisClient } from '../../../shared/stores/redis/client.ts';

/** One test's own corner of the servers: nothing that it does is seen by another test. */
export interface World {
  redis: Redis;
  redisUrl: string;
  /** The hash tag under which all of this test's keys lie. */
  prefix: string;
  kinesis: KinesisClient;
  kinesisEndpoint: string;
  dynamodb: DynamoDBClient;
  dynamodbEndpoint: string;
  stream: string;
  claimsTable: string;
  stateTable: string;
  close: () => Promise<void>;
}

/** As a test of stores needs it: they may lie on a cluster, too. */
export type StoresWorld = Omit<World, 'redis'> & { redis: RedisClient };

/** Makes a stream and tables as deploy/resources/stores.yml says, under names of this test's own. */
export async function createWorld(): Promise<World> {
  const id = randomUUID();
  const redisUrl = setting('MEM_TEST_REDIS_URL');
  const kinesisEndpoint = setting('MEM_TEST_KINESIS_ENDPOINT');
  const dynamodbEndpoint = setting('MEM_TEST_DYNAMODB_ENDPOINT');
  const redis = connectRedis(redisUrl, () => undefined);
  const kinesis = createKinesisClient(kinesisEndpoint);
  const dynamodb = createDynamoDBClient(dynamodbEndpoint);
  const names = await createStores(readStores(), { kinesis, dynamodb }, (logicalId) => `${logicalId}-${id}`);
  return {
    redis,
    redisUrl,
    prefix: `{test-${id}}`,
    kinesis,
    kinesisEndpoint,
    dynamodb,
    dynamodbEndpoint,
    stream: names.EventStream ?? '',
    claimsTable: names.ClaimsTable ?? '',
    stateTable: names.StateTable ?? '',
    async close() {
      await redis.quit();
      kinesis.destroy();
      dynamodb.destroy();
    },
  };
}

function readStores(): Resources {
  return (parse(readFileSync('deploy/resources/stores.yml', 'utf8')) as { Resources: Resources }).Resources;
}

function setting(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run the tests through jest, which starts the servers`);
  return value;
}
