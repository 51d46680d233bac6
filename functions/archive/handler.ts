import type { Context } from 'aws-lambda';
import { archive, type ArchiveDeps } from '../../shared/counting/log/archive.ts';
import { readArchiveConfig, readStage } from '../../shared/runtime/config.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createMeter } from '../../shared/runtime/metrics.ts';
import { startOnce } from '../../shared/runtime/start-once.ts';
import { connectArchive } from '../../shared/stores/connect-archive.ts';

/** Some hundred bytes each while a file is made, all of them at once. */
const MAX_ROWS = 100_000;

const logger = createLogger('consumer');
const meter = createMeter('consumer', readStage(process.env), 0);
const config = readArchiveConfig(process.env);
const start = startOnce(async (): Promise<ArchiveDeps> => ({
  ...(await connectArchive(config, (what, reason) => logger.warn(what, { reason }))),
  maxRows: MAX_ROWS,
  onFile: (_, rows) => meter.count('LoggedEvents', rows),
  onBehind: (_, behindMs) => meter.milliseconds('LogBehind', behindMs),
}));

/** Runs on a schedule: writes what has been counted into the event log. Never rejects: the next run goes on. */
export const handler = async (_: unknown, context: Context): Promise<void> => {
  if (config.eventLog === '') return;
  try {
    await archive(await start(), () => context.getRemainingTimeInMillis());
  } catch (error) {
    logger.error('the event log could not be written, the next run goes on', { reason: messageOf(error) });
    meter.count('FailedLogRuns', 1);
  } finally {
    meter.flush();
  }
};
