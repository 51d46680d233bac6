import type { Context, KinesisStreamHandler, KinesisStreamRecord } from 'aws-lambda';
import { readConsumerConfig, readStage } from '../../shared/runtime/config.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createMeter } from '../../shared/runtime/metrics.ts';
import { connectStores } from '../../shared/stores/connect.ts';
import { consume, type ConsumerDeps, type ConsumerEvent } from '../../shared/counting/consume.ts';
import type { ShardRecord } from '../../shared/counting/decode.ts';
import type { RecoverDeps } from '../../shared/counting/recover.ts';
import { startOnce } from '../../shared/runtime/start-once.ts';
import { createRecoverDeps, recoverAndReport } from '../recover-deps.ts';
import { createConsumerDeps } from './deps.ts';

const logger = createLogger('consumer');
const meter = createMeter('consumer', readStage(process.env), 0);
const start = startOnce(async (): Promise<{ consumer: ConsumerDeps; recovery: RecoverDeps }> => {
  const stores = await connectStores(readConsumerConfig(process.env), (what, reason) => logger.warn(what, { reason }));
  return { consumer: createConsumerDeps(stores, logger, meter), recovery: createRecoverDeps(stores, logger, meter) };
});

/** Counts a batch of the stream. */
export const handler: KinesisStreamHandler = async ({ Records }, context) => {
  const [first] = Records;
  if (!first) return { batchItemFailures: [] };
  try {
    meter.milliseconds('OldestRecordAge', Date.now() - first.kinesis.approximateArrivalTimestamp * 1_000);
    const { consumer: deps } = await start();
    const noticed = new Set<string>();
    const observe = (event: ConsumerEvent) => {
      noticed.add(event.kind === 'refused' ? event.result : event.kind);
      deps.observe(event);
    };
    const retryFrom = await consume(shardIdOf(first), Records.map(toRecord), { ...deps, observe }, timeLeft(context));
    // Catching up and the end of a replay let deliveries wait; whatever else does is a failure, once for each delivery.
    if (retryFrom !== undefined && !noticed.has('behind') && !noticed.has('held')) meter.count('FailedBatches', 1);
    if (noticed.has('behind')) {
      // The other shards have lost writes, too.
      await recoverAndReport(async () => (await start()).recovery, timeLeft(context), logger, meter);
    }

    // Lambda retries everything from the lowest sequence named here, so one name is enough.
    return { batchItemFailures: retryFrom === undefined ? [] : [{ itemIdentifier: retryFrom }] };
  } catch (error) {
    logger.error('the consumer cannot start', { reason: messageOf(error) });
    meter.count('FailedBatches', 1);
    return { batchItemFailures: [{ itemIdentifier: first.kinesis.sequenceNumber }] };
  } finally {
    meter.flush();
  }
};

function timeLeft(context: Context): () => number {
  return () => context.getRemainingTimeInMillis();
}

/** An event's id is `shardId-000000000000:sequence`. */
function shardIdOf({ eventID }: KinesisStreamRecord): string {
  return eventID.slice(0, eventID.indexOf(':'));
}

function toRecord({ kinesis }: KinesisStreamRecord): ShardRecord {
  return {
    sequence: kinesis.sequenceNumber,
    data: Buffer.from(kinesis.data, 'base64'),
    arrival: Math.round(kinesis.approximateArrivalTimestamp * 1_000),
  };
}
