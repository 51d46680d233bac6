import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@aws-lambda-powertools/logger';
import { createDynamoDBClient, createKinesisClient } from '../../shared/aws-clients.ts';
import { createCheckpoints } from '../../shared/checkpoints.ts';
import { createClaims } from '../../shared/claims.ts';
import type { ConsumerConfig } from '../../shared/config.ts';
import { createCounters } from '../../shared/counters.ts';
import { createDeletions } from '../../shared/deletions.ts';
import { messageOf } from '../../shared/errors.ts';
import { createGenerations } from '../../shared/generations.ts';
import { createQuarantine } from '../../shared/quarantine.ts';
import { readRedisUrl } from '../../shared/redis-url.ts';
import { connectSafeRedis } from '../../shared/redis.ts';
import { createShardLineage } from '../../shared/shard-lineage.ts';
import type { ConsumerDeps, ConsumerEvent } from './consume.ts';

/**
 * Connects the consumer to its stream, tables and Redis, once for the life of the process.
 * @throws PermanentError where Redis may not be used
 */
export async function createConsumerDeps(config: ConsumerConfig, logger: Logger): Promise<ConsumerDeps> {
  const dynamodb = createDynamoDBClient(config.dynamodbEndpoint);
  const kinesis = createKinesisClient(config.kinesisEndpoint);
  const redis = await connectSafeRedis(await readRedisUrl(config), (error) =>
    logger.warn('redis', { reason: error.message }),
  );

  const onClaimFailure = (error: unknown) => logger.warn('a claim is not settled', { reason: messageOf(error) });
  return {
    stream: config.streamName,
    counters: createCounters(redis, config.redisPrefix),
    claims: createClaims(dynamodb, config, onClaimFailure),
    checkpoints: createCheckpoints(dynamodb, config.stateTable),
    quarantine: createQuarantine(dynamodb, config.stateTable, Date.now),
    deletions: createDeletions(dynamodb, config.stateTable, { now: Date.now, sleep: (ms) => sleep(ms) }),
    generations: createGenerations(dynamodb, config.stateTable),
    lineage: createShardLineage(kinesis, config.streamName),
    catchUp: () => Promise.resolve(false),
    observe: (event) => observe(event, logger),
  };
}

function observe(event: ConsumerEvent, logger: Logger): void {
  switch (event.kind) {
    case 'applied':
      logger.debug('batch applied', { ...event });
      break;
    case 'behind':
      logger.warn('redis is behind its checkpoints: catching up', { shards: event.shards });
      break;
    case 'refused':
      logger.info('batch not applied', { ...event });
      break;
    case 'failed':
      logger.error('batch failed, it will be delivered again', { shard: event.shard, reason: messageOf(event.error) });
      break;
  }
}
