import type { Context, KinesisStreamHandler, KinesisStreamRecord } from 'aws-lambda';
import { readConsumerConfig, readStage } from '../../shared/runtime/config.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createMeter } from '../../shared/runtime/metrics.ts';
import { connectStores } from '../../shared/stores/connect.ts';
import { consume, type ConsumerDeps, type ConsumerEvent } from '../../shared/counting/consume.ts';
import type { ShardRecord } from '../../shared/counting/decode.ts';
import { createConsumerDeps, createHealDeps } from '../../shared/counting/deps.ts';
import { healAll, type HealDeps } from '../../shared/counting/recover.ts';

const logger = createLogger('consumer');
const meter = createMeter('consumer', readStage(process.env), 0);
let started: Promise<{ consumer: ConsumerDeps; healer: HealDeps }> | undefined;

/** Counts a batch of the stream. */
export const handler: KinesisStreamHandler = async ({ Records }, context) => {
  const [first] = Records;
  if (!first) return { batchItemFailures: [] };
  try {
    meter.milliseconds('OldestRecordAge', Date.now() - first.kinesis.approximateArrivalTimestamp * 1_000);
    const { consumer: deps } = await start();
    const noticed = new Set<ConsumerEvent['kind']>();
    const observe = (event: ConsumerEvent) => {
      noticed.add(event.kind);
      deps.observe(event);
    };
    const retryFrom = await consume(shardIdOf(first), Records.map(toRecord), { ...deps, observe }, timeLeft(context));
    if (noticed.has('behind')) await heal(undefined, context); // the other shards have lost writes, too

    // Lambda retries everything from the lowest sequence named here, so one name is enough.
    return { batchItemFailures: retryFrom === undefined ? [] : [{ itemIdentifier: retryFrom }] };
  } catch (error) {
    logger.error('the consumer cannot start', { reason: messageOf(error) });
    return { batchItemFailures: [{ itemIdentifier: first.kinesis.sequenceNumber }] };
  } finally {
    meter.flush();
  }
};

/** Runs on a schedule: looks after the shards that deliver nothing. Never rejects: the next run goes on. */
export const heal = async (_: unknown, context: Context): Promise<void> => {
  try {
    await healAll((await start()).healer, timeLeft(context));
  } catch (error) {
    logger.error('healing failed, the next run goes on', { reason: messageOf(error) });
    meter.count('FailedHeals', 1);
  } finally {
    meter.flush();
  }
};

/** Connects at the first call; a start that failed is tried again at the next. */
function start(): Promise<{ consumer: ConsumerDeps; healer: HealDeps }> {
  started ??= connect();
  return started.catch((error: unknown) => {
    started = undefined;
    throw error;
  });
}

async function connect() {
  const stores = await connectStores(readConsumerConfig(process.env), (what, reason) => logger.warn(what, { reason }));
  return { consumer: createConsumerDeps(stores, logger, meter), healer: createHealDeps(stores, logger, meter) };
}

function timeLeft(context: Context): () => number {
  return () => context.getRemainingTimeInMillis();
}

/** An event's id is `shardId-000000000000:sequence`. */
function shardIdOf({ eventID }: KinesisStreamRecord): string {
  return eventID.slice(0, eventID.indexOf(':'));
}

function toRecord({ kinesis }: KinesisStreamRecord): ShardRecord {
  return { sequence: kinesis.sequenceNumber, data: Buffer.from(kinesis.data, 'base64') };
}
