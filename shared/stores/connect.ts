import { setTimeout as sleep } from 'node:timers/promises';
import { createDynamoDBClient, createKinesisClient, overIpv6 } from './aws-clients.ts';
import { createApiKeys, type ApiKeys } from './dynamodb/api-keys.ts';
import { createCheckpoints } from './dynamodb/checkpoints.ts';
import type { Definitions, NameLists, Stores } from '../counting/ports.ts';
import { createClaims } from './dynamodb/claims.ts';
import type { ConsumerConfig } from '../runtime/config.ts';
import { createCounterReader } from './redis/counter-reader.ts';
import { createCounters } from './redis/counters.ts';
import { createIngestNotes, type IngestNotesStore } from './dynamodb/ingest-notes/ingest-notes.ts';
import { createDefinitions } from './dynamodb/definitions.ts';
import { createDeletions } from './dynamodb/deletions.ts';
import { faultOf } from '../contract/versions.ts';
import { messageOf, PermanentError } from '../runtime/errors.ts';
import { createGenerationStore } from './redis/generations.ts';
import { createLayoutOne } from './redis/layout-one.ts';
import {
  createGenerations,
  createGenerationTimes,
  timedGenerations,
  type GenerationTimes,
} from './dynamodb/generation-numbers.ts';
import { createImports, type Imports } from './dynamodb/imports.ts';
import { readInstallation } from './dynamodb/installation.ts';
import { createLosses } from './dynamodb/losses.ts';
import { createLineage } from '../counting/log/lineage.ts';
import type { ArchivePositions } from '../counting/log/archive.ts';
import { openEventLog } from './log/open.ts';
import { createArchivePositions } from './log/positions.ts';
import { createNameLists } from './dynamodb/name-lists.ts';
import type { EventLimits, Limits } from '../contract/limits.ts';
import { createRecordFormats, createVersionsOfStage, type VersionsOfStage } from './dynamodb/installation.ts';
import { createQuarantine } from './dynamodb/quarantine.ts';
import { openSafeRedis, readInfo, readMemory, type RedisMemory } from './redis/client.ts';
import { createRedisClock } from './redis/clock.ts';
import { counterReaderOf, countersOf, createOwner, talliesOf, unusedGenerations, type Owner } from './redis/owner.ts';
import { createBacklog, type Backlog } from './kinesis/backlog.ts';
import { createShardLineage, readStreamCreation } from './kinesis/lineage.ts';
import { AWS_PACE_MS, createShardReader } from './kinesis/reader.ts';
import { createTallyReader, type TallyReader } from './redis/tally-reader.ts';

/** With what reports, and the admission of new names, need beside it. */
export interface AllStores extends Stores {
  tallies: TallyReader;
  definitions: Definitions;
  imports: Imports;
  ingestNotes: IngestNotesStore;
  nameLists: NameLists;
  limits: Limits;
  eventLimits: EventLimits;
  /** How long the stream keeps a record, ms; Infinity where the stream stops with the system. */
  retentionMs: number;
  /** Whether an experiment needs a definition before it counts. */
  countOnlyDefined: boolean;
  apiKeys: ApiKeys;
  generationTimes: GenerationTimes;
  backlog: Backlog;
  positions: ArchivePositions;
  /** When the stream was made, ms. */
  streamCreatedAt: () => Promise<number>;
  versions: VersionsOfStage;
  /** What Redis says of itself: the fields of INFO. */
  redisInfo: () => Promise<ReadonlyMap<string, string>>;
  redisMemory: () => Promise<RedisMemory>;
}

/**
 * Connects to the stream, the tables and Redis, once for the life of a process.
 * @param warn told what goes wrong and is tried again
 * @throws PermanentError where Redis may not be used, ForeignRedis where it is another installation's, or the
 *   connection's error
 */
export async function connectStores(
  config: ConsumerConfig,
  warn: (what: string, reason: string) => void,
): Promise<AllStores> {
  const { streamName, stateTable, limits, eventLimits, countOnlyDefined } = config;
  const { redis, dynamodb, owner, prefix } = await openOwn(config, warn);
  const kinesis = createKinesisClient(config.kinesisEndpoint, config.kinesisOverIpv6 ? overIpv6() : {});
  const log = await openEventLog(config.eventLog);
  const versions = createVersionsOfStage(dynamodb, stateTable);
  return {
    stream: streamName,
    counters: countersOf(owner, createCounters(redis, prefix)),
    counterReader: counterReaderOf(owner, createCounterReader(redis, prefix)),
    tallies: talliesOf(owner, createTallyReader(redis, prefix)),
    claims: createClaims(dynamodb, config, (error) => warn('a claim is not settled', messageOf(error))),
    checkpoints: createCheckpoints(dynamodb, stateTable),
    quarantine: createQuarantine(dynamodb, stateTable, Date.now),
    deletions: createDeletions(dynamodb, stateTable, {
      now: createRedisClock(redis, Date.now),
      sleep: (ms) => sleep(ms),
    }),
    definitions: createDefinitions(dynamodb, stateTable, Date.now),
    imports: createImports(dynamodb, stateTable),
    nameLists: createNameLists(dynamodb, stateTable),
    limits,
    eventLimits,
    retentionMs: config.streamStops ? Infinity : config.retentionMs,
    countOnlyDefined,
    apiKeys: createApiKeys(dynamodb, stateTable, Date.now),
    generations: timedGenerations(
      unusedGenerations(createGenerations(dynamodb, stateTable), redis, prefix),
      dynamodb,
      stateTable,
      Date.now,
    ),
    generationTimes: createGenerationTimes(dynamodb, stateTable),
    generationStore: createGenerationStore(redis, prefix),
    layoutOne: createLayoutOne(redis, prefix),
    losses: createLosses(dynamodb, stateTable),
    ingestNotes: createIngestNotes(dynamodb, stateTable, Date.now),
    lineage: createLineage(streamName, createShardLineage(kinesis, streamName), log),
    log,
    positions: createArchivePositions(dynamodb, stateTable),
    streamCreatedAt: () => readStreamCreation(kinesis, streamName),
    versions,
    formats: createRecordFormats(versions),
    reader: createShardReader(kinesis, streamName, config.kinesisEndpoint === '' ? AWS_PACE_MS : 0),
    redisInfo: () => readInfo(redis),
    redisMemory: () => readMemory(redis, () => undefined), // that it does not say was told at the start
    backlog: createBacklog(kinesis, streamName, Date.now),
    now: Date.now,
    close() {
      redis.disconnect();
      dynamodb.destroy();
      kinesis.destroy();
    },
  };
}

/** The place in Redis that an installation has to own, whosever it is now. */
export interface OwnPlace {
  owner: Owner;
  close: () => void;
}

/** Connects to what says whose a Redis is. @throws the connection's error */
export async function connectOwner(
  config: ConsumerConfig,
  warn: (what: string, reason: string) => void,
): Promise<OwnPlace> {
  const { redis, dynamodb, owner } = await openOwner(config, warn);
  const close = () => {
    redis.disconnect();
    dynamodb.destroy();
  };
  return { owner, close };
}

/** Redis, where it is this installation's. */
async function openOwn(config: ConsumerConfig, warn: (what: string, reason: string) => void) {
  const opened = await openOwner(config, warn);
  try {
    await opened.owner.take();
    return opened;
  } catch (error) {
    opened.redis.disconnect();
    opened.dynamodb.destroy();
    throw error;
  }
}

async function openOwner(config: ConsumerConfig, warn: (what: string, reason: string) => void) {
  const { streamName, stateTable } = config;
  const dynamodb = createDynamoDBClient(config.dynamodbEndpoint);
  try {
    const installation = await readInstallation(dynamodb, stateTable, config);
    await refuseNewer(createVersionsOfStage(dynamodb, stateTable));
    const redis = await openSafeRedis(config, (error) => warn('redis', error.message));
    const owner = createOwner(redis, installation, streamName, createCheckpoints(dynamodb, stateTable));
    return { redis, dynamodb, owner, prefix: installation.prefix };
  } catch (error) {
    dynamodb.destroy();
    throw error;
  }
}

/** @throws PermanentError where a newer release has written what this one would misread */
async function refuseNewer(versions: VersionsOfStage): Promise<void> {
  const fault = faultOf(await versions.read());
  if (fault !== undefined) throw new PermanentError(fault);
}
