import type { Logger } from '@aws-lambda-powertools/logger';
import { messageOf } from '../runtime/errors.ts';
import type { Meter } from '../runtime/metrics.ts';
import { createNameRegistry } from './name-registry.ts';
import type { AllStores, Stores } from '../stores/connect.ts';
import { createAdmission } from './admission.ts';
import { createCountEvents } from './count-events.ts';
import type { ConsumerDeps, ConsumerEvent } from './consume.ts';
import { healShards, type HealDeps } from './recover.ts';

/** What counting batches needs, once for the life of a process: it remembers which names it has admitted. */
export function createConsumerDeps(stores: AllStores, logger: Logger, meter: Meter): ConsumerDeps {
  const healDeps = createHealDeps(stores, logger, meter);
  return {
    ...stores,
    countEvents: healDeps.countEvents,
    admit: createAdmission({ ...stores, registry: createNameRegistry(stores.nameLists, stores.limits, stores.now) }),
    catchUp: (behind, generation, timeLeft) => healShards(behind, generation, healDeps, timeLeft),
    observe: (event) => observe(event, logger, meter),
  };
}

export function createHealDeps(stores: Stores, logger: Logger, meter: Meter): HealDeps {
  return {
    ...stores,
    countEvents: createCountEvents({
      ...stores,
      onLeftOut: (visits) => logger.warn('visitors have no room for more experiments or goals', { visits }),
    }),
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
      meter.count('DuplicateEvents', event.copies);
      break;
    case 'quarantined':
      // The reason may quote what the record holds, and that is nothing for a log.
      logger.error('a record is in quarantine', { shard: event.shard, sequence: event.sequence });
      meter.count('QuarantinedRecords', 1);
      break;
    case 'events quarantined':
      logger.warn('events are in quarantine', { shard: event.shard, refused: event.refused });
      meter.count(
        'QuarantinedEvents',
        Object.values(event.refused).reduce((sum, count) => sum + count, 0),
      );
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
