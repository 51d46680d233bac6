import { setTimeout as sleep } from 'node:timers/promises';
import { createDynamoDBClient, createKinesisClient, overIpv6 } from './aws-clients.ts';
import { createApiKeys, type ApiKeys } from './dynamodb/api-keys.ts';
import { createCheckpoints } from './dynamodb/checkpoints.ts';
import type {
  Checkpoints,
  Claims,
  Definitions,
  Deletions,
  Generations,
  Losses,
  NameLists,
  Quarantine,
  ShardLineage,
  ShardReader,
} from '../counting/ports.ts';
import { createClaims } from './dynamodb/claims.ts';
import type { ConsumerConfig } from '../runtime/config.ts';
import { createCounterReader } from './redis/counter-reader.ts';
import type { CounterReader, Counters, GenerationStore } from '../counting/counters.ts';
import { createCounters } from './redis/counters.ts';
import { createDefinitions } from './dynamodb/definitions.ts';
import { createDeletions } from './dynamodb/deletions.ts';
import { messageOf } from '../runtime/errors.ts';
import { createGenerationStore } from './redis/generations.ts';
import { createGenerations } from './dynamodb/generation-numbers.ts';
import type { LayoutOne } from '../counting/layout-one.ts';
import { createLayoutOne } from './redis/layout-one.ts';
import { createImports, type Imports } from './dynamodb/imports.ts';
import { createLosses } from './dynamodb/losses.ts';
import { createNameLists } from './dynamodb/name-lists.ts';
import type { Limits } from '../contract/limits.ts';
import { createQuarantine } from './dynamodb/quarantine.ts';
import { openSafeRedis } from './redis/client.ts';
import { createShardLineage } from './kinesis/lineage.ts';
import { createShardReader } from './kinesis/reader.ts';
import { createTallyReader, type TallyReader } from './redis/tally-reader.ts';

/** Everything that counting reads and writes. */
export interface Stores {
  stream: string;
  counters: Counters;
  counterReader: CounterReader;
  claims: Claims;
  checkpoints: Checkpoints;
  quarantine: Quarantine;
  deletions: Deletions;
  generations: Generations;
  generationStore: GenerationStore;
  layoutOne: LayoutOne;
  losses: Losses;
  lineage: ShardLineage;
  reader: ShardReader;
  now: () => number;
  close: () => void;
}

/** With what reports, and the admission of new names, need beside it. */
export interface AllStores extends Stores {
  tallies: TallyReader;
  definitions: Definitions;
  imports: Imports;
  nameLists: NameLists;
  limits: Limits;
  /** Whether an experiment needs a definition before it counts. */
  countOnlyDefined: boolean;
  apiKeys: ApiKeys;
}

/**
 * Connects to the stream, the tables and Redis, once for the life of a process.
 * @param warn told what goes wrong and is tried again
 * @throws PermanentError where Redis may not be used, or the connection's error
 */
export async function connectStores(
  config: ConsumerConfig,
  warn: (what: string, reason: string) => void,
): Promise<AllStores> {
  const { streamName, stateTable, redisPrefix, limits, countOnlyDefined } = config;
  const redis = await openSafeRedis(config, (error) => warn('redis', error.message));
  const dynamodb = createDynamoDBClient(config.dynamodbEndpoint);
  const kinesis = createKinesisClient(config.kinesisEndpoint, config.kinesisOverIpv6 ? overIpv6() : {});
  return {
    stream: streamName,
    counters: createCounters(redis, redisPrefix),
    counterReader: createCounterReader(redis, redisPrefix),
    tallies: createTallyReader(redis, redisPrefix),
    claims: createClaims(dynamodb, config, (error) => warn('a claim is not settled', messageOf(error))),
    checkpoints: createCheckpoints(dynamodb, stateTable),
    quarantine: createQuarantine(dynamodb, stateTable, Date.now),
    deletions: createDeletions(dynamodb, stateTable, { now: Date.now, sleep: (ms) => sleep(ms) }),
    definitions: createDefinitions(dynamodb, stateTable, Date.now),
    imports: createImports(dynamodb, stateTable),
    nameLists: createNameLists(dynamodb, stateTable),
    limits,
    countOnlyDefined,
    apiKeys: createApiKeys(dynamodb, stateTable, Date.now),
    generations: createGenerations(dynamodb, stateTable),
    generationStore: createGenerationStore(redis, redisPrefix),
    layoutOne: createLayoutOne(redis, redisPrefix),
    losses: createLosses(dynamodb, stateTable),
    lineage: createShardLineage(kinesis, streamName),
    reader: createShardReader(kinesis, streamName),
    now: Date.now,
    close() {
      redis.disconnect();
      dynamodb.destroy();
      kinesis.destroy();
    },
  };
}
