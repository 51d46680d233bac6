import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { consume } from '../../shared/counting/consume.ts';
import { createConsumerDeps } from '../../functions/consumer/deps.ts';
import { createPutRecords } from '../../shared/stores/kinesis/put.ts';
import { createStores, type Resources } from '../../local/create-stores.ts';
import { startEventSourceMapping } from '../../local/event-source-mapping.ts';
import { createPositions } from '../../local/positions.ts';
import { startServers, type Servers } from '../../local/servers.ts';
import { createDynamoDBClient, createKinesisClient } from '../../shared/stores/aws-clients.ts';
import { readConsumerConfig } from '../../shared/runtime/config.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { AWS_PACE_MS, createShardReader } from '../../shared/stores/kinesis/reader.ts';
import { connectStores, type AllStores } from '../../shared/stores/connect.ts';
import { encodeRecords } from '../../shared/counting/stream-record.ts';
import type { TrackedEvent } from '../../shared/contract/event.ts';
import { startLimitingProxy } from '../limits/limiting-proxy.ts';
import { countClaimUnits, type ClaimUnits } from './counted-stores.ts';

/** How often Lambda reads a shard. */
const LAMBDA_POLL_MS = 1_000;

/** A stream, its tables and Redis on this machine, and the consumer in this process, so that its CPU can be measured. */
export interface Pipeline {
  stores: AllStores;
  units: ClaimUnits;
  /** As functions get it. */
  environment: Record<string, string>;
  put: (events: TrackedEvent[]) => Promise<void>;
  /** How many events have been delivered and counted or found to be copies. */
  handled: () => number;
  /** How long the oldest record had waited that was delivered since this was asked last, ms. */
  takeLag: () => number;
  /** What was refused because it was more than AWS allows; nothing without limits. */
  refusals: () => Record<string, number>;
  stop: () => Promise<void>;
}

const silentMeter = {
  count: () => undefined,
  milliseconds: () => undefined,
  percent: () => undefined,
  flush: () => undefined,
};

/**
 * @param folder where the servers keep their data
 * @param limited whether readers of the stream and of the tables get no more than AWS allows
 */
export async function startPipeline(root: string, folder: string, limited = false): Promise<Pipeline> {
  const servers = await startServers({ root, folder, say: (line) => process.stderr.write(`${line}\n`) });
  const access = limited ? await limit(servers) : { ...servers, refusals: {}, close: () => undefined };
  const kinesis = createKinesisClient(access.kinesisEndpoint);
  const dynamodb = createDynamoDBClient(access.dynamodbEndpoint);
  const { Resources } = parse(readFileSync(join(root, 'deploy/resources/stores.yml'), 'utf8')) as {
    Resources: Resources;
  };
  const names = await createStores(Resources, { kinesis, dynamodb }, (logicalId) => logicalId);
  const environment: Record<string, string> = {
    STREAM_NAME: names.EventStream ?? '',
    CLAIMS_TABLE: names.ClaimsTable ?? '',
    STATE_TABLE: names.StateTable ?? '',
    EVENT_LOG: join(folder, 'log'),
    REDIS_URL: servers.redisUrl,
    KINESIS_ENDPOINT: access.kinesisEndpoint,
    DYNAMODB_ENDPOINT: access.dynamodbEndpoint,
  };
  const config = readConsumerConfig(environment);
  const connected = await connectStores(config, (what, reason) => process.stderr.write(`${what}: ${reason}\n`));
  const reader = createShardReader(kinesis, config.streamName, limited ? AWS_PACE_MS : 0);
  const { stores, units } = countClaimUnits({ ...connected, reader });

  let handled = 0;
  let lag = 0;
  const deps = createConsumerDeps(stores, createLogger('consumer'), silentMeter);
  const mapping = startEventSourceMapping({
    kinesis,
    streamName: config.streamName,
    settings: { batchSize: 1_000, batchWindowSeconds: 0.2, ...(limited && { pollMs: LAMBDA_POLL_MS }) },
    positions: createPositions(join(folder, 'positions.json')),
    async invoke({ Records }) {
      const shard = Records[0]?.eventID.split(':')[0] ?? '';
      const records = Records.map(({ kinesis: { sequenceNumber, data } }) => ({
        sequence: sequenceNumber,
        data: Buffer.from(data, 'base64'),
      }));
      const observe: typeof deps.observe = (event) => {
        if (event.kind === 'applied') handled += event.events;
      };
      const arrival = (Records[0]?.kinesis.approximateArrivalTimestamp ?? 0) * 1_000;
      lag = Math.max(lag, Date.now() - arrival);
      const retryFrom = await consume(shard, records, { ...deps, observe }, () => 60_000);
      return { batchItemFailures: retryFrom === undefined ? [] : [{ itemIdentifier: retryFrom }] };
    },
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  const putRecords = createPutRecords(kinesis, config.streamName);
  let key = 0;
  return {
    stores,
    units,
    environment,
    handled: () => handled,
    takeLag() {
      const taken = lag;
      lag = 0;
      return taken;
    },
    refusals: () => access.refusals,
    async put(events) {
      for (const wave of encodeRecords({ at: Date.now(), events }, () => String((key += 1)))) {
        for (let pending = wave; pending.length > 0;) pending = await putRecords(pending, Date.now() + 10_000);
      }
    },
    async stop() {
      await mapping.stop();
      stores.close();
      kinesis.destroy();
      dynamodb.destroy();
      access.close();
      await servers.stop();
    },
  };
}

/** The same servers behind AWS' limits. */
async function limit({ kinesisEndpoint, dynamodbEndpoint }: Servers) {
  const [kinesis, dynamodb] = await Promise.all([
    startLimitingProxy(kinesisEndpoint),
    startLimitingProxy(dynamodbEndpoint),
  ]);
  return {
    kinesisEndpoint: kinesis.endpoint,
    dynamodbEndpoint: dynamodb.endpoint,
    get refusals() {
      return { ...kinesis.refusals, ...dynamodb.refusals };
    },
    close() {
      kinesis.close();
      dynamodb.close();
    },
  };
}
