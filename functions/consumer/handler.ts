import type { KinesisStreamHandler, KinesisStreamRecord } from 'aws-lambda';
import { readConsumerConfig } from '../../shared/config.ts';
import { messageOf } from '../../shared/errors.ts';
import { createLogger } from '../../shared/logger.ts';
import { consume } from './consume.ts';
import type { ShardRecord } from './decode-batch.ts';
import { createConsumerDeps } from './deps.ts';

const logger = createLogger('consumer');
let deps: ReturnType<typeof createConsumerDeps> | undefined;

export const handler: KinesisStreamHandler = async ({ Records }, context) => {
  const first = Records[0];
  if (!first) return { batchItemFailures: [] };
  try {
    deps ??= createConsumerDeps(readConsumerConfig(process.env), logger);
    const timeLeft = () => context.getRemainingTimeInMillis();
    const retryFrom = await consume(shardIdOf(first), Records.map(toRecord), await deps, timeLeft);

    // Lambda retries everything from the lowest sequence named here, so one name is enough.
    return { batchItemFailures: retryFrom === undefined ? [] : [{ itemIdentifier: retryFrom }] };
  } catch (error) {
    // Only the start can fail like this. It is tried again with the next delivery.
    deps = undefined;
    logger.error('the consumer cannot start', { reason: messageOf(error) });
    return { batchItemFailures: [{ itemIdentifier: first.kinesis.sequenceNumber }] };
  }
};

/** An event's id is `shardId-000000000000:sequence`. */
function shardIdOf({ eventID }: KinesisStreamRecord): string {
  return eventID.slice(0, eventID.indexOf(':'));
}

function toRecord({ kinesis }: KinesisStreamRecord): ShardRecord {
  return { sequence: kinesis.sequenceNumber, data: Buffer.from(kinesis.data, 'base64') };
}
