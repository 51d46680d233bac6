import { createLineage } from '../counting/log/lineage.ts';
import type { ArchiveDeps } from '../counting/log/archive.ts';
import type { ArchiveConfig } from '../runtime/config.ts';
import { messageOf } from '../runtime/errors.ts';
import { createDynamoDBClient, createKinesisClient, overIpv6 } from './aws-clients.ts';
import { createCheckpoints } from './dynamodb/checkpoints.ts';
import { createClaims } from './dynamodb/claims.ts';
import { createDeletionMarks } from './dynamodb/deletions.ts';
import { createRecordFormats, createVersionsOfStage } from './dynamodb/installation.ts';
import { createLosses } from './dynamodb/losses.ts';
import { createShardLineage, readStreamCreation } from './kinesis/lineage.ts';
import { AWS_PACE_MS, createShardReader } from './kinesis/reader.ts';
import { openEventLog } from './log/open.ts';
import { createArchivePositions } from './log/positions.ts';

export type ArchiveStores = Omit<ArchiveDeps, 'maxRows' | 'inTurn' | 'onFile' | 'onBehind'>;

/**
 * Connects to what the archiver reads and writes: everything but Redis.
 * @param warn told what goes wrong and is tried again
 */
export async function connectArchive(
  config: ArchiveConfig,
  warn: (what: string, reason: string) => void,
): Promise<ArchiveStores> {
  const { streamName, stateTable } = config;
  const dynamodb = createDynamoDBClient(config.dynamodbEndpoint);
  const kinesis = createKinesisClient(config.kinesisEndpoint, config.kinesisOverIpv6 ? overIpv6() : {});
  const log = await openEventLog(config.eventLog);
  return {
    stream: streamName,
    log,
    positions: createArchivePositions(dynamodb, stateTable),
    checkpoints: createCheckpoints(dynamodb, stateTable),
    claims: createClaims(dynamodb, config, (error) => warn('a claim is not settled', messageOf(error))),
    deletions: createDeletionMarks(dynamodb, stateTable),
    formats: createRecordFormats(createVersionsOfStage(dynamodb, stateTable)),
    losses: createLosses(dynamodb, stateTable),
    lineage: createLineage(streamName, createShardLineage(kinesis, streamName), log),
    reader: createShardReader(kinesis, streamName, config.kinesisEndpoint === '' ? AWS_PACE_MS : 0),
    streamCreatedAt: () => readStreamCreation(kinesis, streamName),
    retentionMs: config.streamStops ? Infinity : config.retentionMs,
    now: Date.now,
  };
}
