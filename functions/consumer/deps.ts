import type { Logger } from '@aws-lambda-powertools/logger';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Meter } from '../../shared/runtime/metrics.ts';
import { createNameRegistry } from '../../shared/counting/limits/name-registry.ts';
import type { AllStores } from '../../shared/stores/connect.ts';
import { createAdmission } from '../../shared/counting/limits/admit.ts';
import { boundUnits } from '../../shared/counting/limits/unit-bound.ts';
import { createSamples } from '../../shared/counting/limits/samples.ts';
import type { ConsumerDeps, ConsumerEvent } from '../../shared/counting/consume.ts';
import { createNoticeGap } from '../../shared/counting/gap.ts';
import { recoverShards } from '../../shared/counting/recover.ts';
import { nameRedis } from '../../shared/stores/redis/client.ts';
import { createRecoverDeps } from '../recover-deps.ts';

/** What counting batches needs, once for the life of a process: it remembers which names it has admitted. */
export function createConsumerDeps(stores: AllStores, logger: Logger, meter: Meter): ConsumerDeps {
  const recoverDeps = createRecoverDeps(stores, logger, meter);
  return {
    ...stores,
    countEvents: recoverDeps.countEvents,
    carryOver: recoverDeps.carryOver,
    ...(recoverDeps.onOrphaned && { onOrphaned: recoverDeps.onOrphaned }),
    noticeGap: createNoticeGap(recoverDeps),
    samples: createSamples(stores.now),
    admit: boundUnits(
      createAdmission({ ...stores, registry: createNameRegistry(stores.nameLists, stores.limits, stores.now) }),
      stores.eventLimits.perHourByUnit,
    ),
    catchUp: (behind, generation, timeLeft) => recoverShards(behind, generation, recoverDeps, timeLeft),
    observe: (event) => observe(event, logger, meter),
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
    case 'unkept':
      if (event.error !== undefined) {
        logger.error('refused events are counted, but not in quarantine', {
          ...{ shard: event.shard, sequence: event.sequence },
          reason: messageOf(event.error),
        });
      }
      meter.count('UnkeptEvents', Math.max(1, event.events));
      break;
    case 'newer':
      logger.error('a record of a newer version of Mem waits: deploy that version again', {
        ...{ shard: event.shard, sequence: event.sequence, version: event.version },
      });
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
      logger.error('batch failed, it will be delivered again', {
        shard: event.shard,
        reason: messageOf(nameRedis(event.error)),
      });
      break;
  }
}
