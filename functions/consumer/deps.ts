import type { Logger } from '@aws-lambda-powertools/logger';
import { messageOf } from '../../shared/errors.ts';
import type { Meter } from '../../shared/metrics.ts';
import type { Stores } from '../../shared/stores.ts';
import type { ConsumerDeps, ConsumerEvent } from './consume.ts';
import { healShards, type HealDeps } from './heal.ts';

/** What counting batches needs: the stores, and somebody who is told what happens. */
export function createConsumerDeps(stores: Stores, logger: Logger, meter: Meter): ConsumerDeps {
  const healDeps = createHealDeps(stores, logger, meter);
  return {
    ...stores,
    catchUp: (behind, generation, timeLeft) => healShards(behind, generation, healDeps, timeLeft),
    observe: (event) => observe(event, logger, meter),
  };
}

export function createHealDeps(stores: Stores, logger: Logger, meter: Meter): HealDeps {
  return {
    ...stores,
    losses: {
      async record(loss) {
        logger.error('records have left the stream before they could be counted again', { loss });
        meter.count('LostRanges', 1);
        await stores.losses.record(loss);
      },
    },
    onBehind: (shards) => meter.count('ShardsBehind', shards),
    onPage: ({ records }) => meter.count('HealedRecords', records),
    onHealed: ({ shard, result }) => logger.warn('shard healed', { shard, result }),
  };
}

function observe(event: ConsumerEvent, logger: Logger, meter: Meter): void {
  switch (event.kind) {
    case 'applied':
      logger.debug('batch applied', { ...event });
      meter.count('CountedEvents', event.counted);
      meter.count('DuplicateEvents', event.events - event.counted);
      break;
    case 'quarantined':
      logger.error('a record is in quarantine', { ...event });
      meter.count('QuarantinedRecords', 1);
      break;
    case 'behind':
      logger.warn('redis is behind its checkpoints: catching up', { shards: event.shards });
      meter.count('ShardsBehind', event.shards.length);
      break;
    case 'refused':
      logger.info('batch not applied', { ...event });
      meter.count('RefusedApplies', 1);
      break;
    case 'failed':
      logger.error('batch failed, it will be delivered again', { shard: event.shard, reason: messageOf(event.error) });
      meter.count('FailedBatches', 1);
      break;
  }
}
