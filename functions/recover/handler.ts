import type { Context } from 'aws-lambda';
import type { RecoverDeps } from '../../shared/counting/recover.ts';
import { readConsumerConfig, readStage } from '../../shared/runtime/config.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createMeter } from '../../shared/runtime/metrics.ts';
import { startOnce } from '../../shared/runtime/start-once.ts';
import { connectStores, type AllStores } from '../../shared/stores/connect.ts';
import { nameRedis } from '../../shared/stores/redis/client.ts';
import { createRecoverDeps, recoverAndReport } from '../recover-deps.ts';

const logger = createLogger('consumer');
const meter = createMeter('consumer', readStage(process.env), 0);
const start = startOnce(async (): Promise<{ stores: AllStores; recovery: RecoverDeps }> => {
  const stores = await connectStores(readConsumerConfig(process.env), (what, reason) => logger.warn(what, { reason }));
  return { stores, recovery: createRecoverDeps(stores, logger, meter) };
});

/** Runs on a schedule: looks after the shards that deliver nothing. Never rejects: the next run goes on. */
export const handler = async (_: unknown, context: Context): Promise<void> => {
  await measureBacklog();
  await measureRedis();
  await recoverAndReport(
    async () => (await start()).recovery,
    () => context.getRemainingTimeInMillis(),
    logger,
    meter,
  );
};

/**
 * Says of every shard how long its oldest record has waited to be counted: the only sign of a consumer that is not
 * invoked at all. What cannot be measured is not written, and missing data raises the alarm.
 */
async function measureBacklog(): Promise<void> {
  try {
    const { backlog, checkpoints, stream, now } = (await start()).stores;
    const reached = await checkpoints.readAll(stream);
    const waiting = await backlog.firstAfter(new Map([...reached].map(([shard, { sequence }]) => [shard, sequence])));
    for (const arrival of waiting.values()) {
      meter.milliseconds('OldestUncountedAge', arrival === undefined ? 0 : Math.max(0, now() - arrival));
    }
    meter.flush();
  } catch (error) {
    logger.error('how far counting is cannot be measured', { reason: messageOf(error) });
  }
}

/** How full Redis is, and whether it throws counters away now: it was asked when this process began, and may be set since. */
async function measureRedis(): Promise<void> {
  try {
    const { eviction, usedShare } = await (await start()).stores.redisMemory();
    if (usedShare !== undefined) meter.percent('RedisUsedMemory', 100 * usedShare);
    if (eviction !== undefined) {
      logger.error('redis may lose counters at any moment', { reason: eviction });
      meter.count('FailedHeals', 1);
    }
    meter.flush();
  } catch (error) {
    logger.error('how full redis is cannot be measured', { reason: messageOf(nameRedis(error)) });
  }
}
