import type { Context } from 'aws-lambda';
import type { RecoverDeps } from '../../shared/counting/recover.ts';
import { readConsumerConfig, readStage } from '../../shared/runtime/config.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createMeter } from '../../shared/runtime/metrics.ts';
import { startOnce } from '../../shared/runtime/start-once.ts';
import { connectStores } from '../../shared/stores/connect.ts';
import { createRecoverDeps, recoverAndReport } from '../recover-deps.ts';

const logger = createLogger('consumer');
const meter = createMeter('consumer', readStage(process.env), 0);
const start = startOnce(async (): Promise<RecoverDeps> => {
  const stores = await connectStores(readConsumerConfig(process.env), (what, reason) => logger.warn(what, { reason }));
  return createRecoverDeps(stores, logger, meter);
});

/** Runs on a schedule: looks after the shards that deliver nothing. Never rejects: the next run goes on. */
export const handler = async (_: unknown, context: Context): Promise<void> => {
  await recoverAndReport(start, () => context.getRemainingTimeInMillis(), logger, meter);
};
