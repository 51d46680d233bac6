import type { Logger } from '@aws-lambda-powertools/logger';
import { carryOver } from '../shared/counting/layout-one/carry-over.ts';
import { createCountEvents } from '../shared/counting/visitors/count-events.ts';
import { recoverAll, type RecoverDeps } from '../shared/counting/recover.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import { nameRedis } from '../shared/stores/redis/client.ts';
import type { Meter } from '../shared/runtime/metrics.ts';
import type { AllStores } from '../shared/stores/connect.ts';
import type { Stores } from '../shared/counting/ports.ts';

/** What recovering shards needs. */
export function createRecoverDeps(
  stores: Stores & Pick<AllStores, 'retentionMs'>,
  logger: Logger,
  meter: Meter,
): RecoverDeps {
  return {
    ...stores,
    carryOver: () => carryOver({ ...stores, say: (line) => logger.warn(line) }),
    countEvents: createCountEvents({
      ...stores,
      onUnreached: (goals) => meter.count('GoalsWithoutExposure', goals),
      onLeftOut: (visits) => logger.warn('visitors have no room for more experiments or goals', { visits }),
    }),
    losses: {
      async record(loss) {
        logger.error('records have left the stream before they could be counted again', { loss });
        meter.count('LostRanges', 1);
        await stores.losses.record(loss);
      },
    },
    onUnusableFile({ message, fault }) {
      logger.error('a file of the event log cannot be used', { fault, reason: message });
      meter.count('UnusableLogFiles', 1);
    },
    onOrphaned(generation) {
      logger.error('redis has lost how far it had counted: all is counted again into another generation', {
        generation,
      });
      meter.count('FailedHeals', 1);
    },
    onBehind: (shards) => meter.count('ShardsBehind', shards),
    onPage: ({ records }) => meter.count('HealedRecords', records),
    onRecovered: ({ shard, result }) => logger.warn('shard recovered', { shard, result }),
  };
}

/** Recovers every shard; a failure is counted and logged, since the next run goes on. */
export async function recoverAndReport(
  start: () => Promise<RecoverDeps>,
  timeLeft: () => number,
  logger: Logger,
  meter: Meter,
): Promise<void> {
  try {
    await recoverAll(await start(), timeLeft);
  } catch (error) {
    logger.error('recovering failed, the next run goes on', { reason: messageOf(nameRedis(error)) });
    meter.count('FailedHeals', 1);
  } finally {
    meter.flush();
  }
}
