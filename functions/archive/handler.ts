import type { Context } from 'aws-lambda';
import { archive, type ArchiveDeps } from '../../shared/counting/log/archive.ts';
import { readArchiveConfig, readStage } from '../../shared/runtime/config.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createMeter } from '../../shared/runtime/metrics.ts';
import { startOnce } from '../../shared/runtime/start-once.ts';
import { connectArchive } from '../../shared/stores/connect-archive.ts';

/** Some hundred bytes each while a file is made, all of them at once. */
const MAX_ROWS = 100_000;

const logger = createLogger('archive');
const meter = createMeter('archive', readStage(process.env), 0);
const config = readArchiveConfig(process.env);

const start = startOnce(async (): Promise<ArchiveDeps> => {
  const stores = await connectArchive(config, (what, reason) => logger.warn(what, { reason }));
  return {
    ...stores,
    losses: {
      async record(loss) {
        logger.error('records have left the stream before they were in the event log', { loss });
        meter.count('LostRanges', 1);
        await stores.losses.record(loss);
      },
    },
    maxRows: MAX_ROWS,
    inTurn: beginAnywhere,
    onFile: (header, rows) => logger.info('a file of the event log is written', { shard: header.shard, rows }),
    onBehind: (_, behindMs) => meter.milliseconds('OldestUnloggedAge', behindMs),
  };
});

/** A run that has no time for all shards begins with another one than the run before it. */
function beginAnywhere(shards: readonly string[]): readonly string[] {
  const first = Math.floor(Math.random() * shards.length);
  return [...shards.slice(first), ...shards.slice(0, first)];
}

/**
 * Runs on a schedule: writes into the event log what has been counted since the last run. Any number may run at once.
 * Rejects where it fails, so that Lambda counts an error, and tries again soon; what was written stays.
 */
export const handler = async (_: unknown, context: Context): Promise<void> => {
  if (config.eventLog === '') return;
  meter.milliseconds('OldestUnloggedAge', 0); // a stream without records is not behind: only silence is a fault
  try {
    await archive(await start(), () => context.getRemainingTimeInMillis());
  } finally {
    meter.flush();
  }
};
