import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { consume } from '../../shared/counting/consume.ts';
import { createConsumerDeps } from '../../functions/consumer/deps.ts';
import { createPutRecords } from '../../shared/stores/kinesis/put.ts';
import { createStores, type Resources } from '../../local/create-stores.ts';
import { startEventSourceMapping } from '../../local/event-source-mapping.ts';
import { createPositions } from '../../local/positions.ts';
import { startServers } from '../../local/servers.ts';
import { createDynamoDBClient, createKinesisClient } from '../../shared/stores/aws-clients.ts';
import { readConsumerConfig } from '../../shared/runtime/config.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { connectStores, type AllStores } from '../../shared/stores/connect.ts';
import { encodeRecords } from '../../shared/counting/stream-record.ts';
import type { TrackedEvent } from '../../shared/contract/event.ts';
import { countClaimUnits, type ClaimUnits } from './counted-stores.ts';

/** A stream, its tables and Redis on this machine, and the consumer in this process, so that its CPU can be measured. */
export interface Pipeline {
  stores: AllStores;
  units: ClaimUnits;
  put: (events: TrackedEvent[]) => Promise<void>;
  /** How many events have been delivered and counted or found to be copies. */
  handled: () => number;
  stop: () => Promise<void>;
}

const silentMeter = {
  count: () => undefined,
  milliseconds: () => undefined,
  percent: () => undefined,
  flush: () => undefined,
};

/** @param folder where the servers keep their data */
export async function startPipeline(root: string, folder: string): Promise<Pipeline> {
  const servers = await startServers({ root, folder, say: (line) => process.stderr.write(`${line}\n`) });
  const kinesis = createKinesisClient(servers.kinesisEndpoint);
  const dynamodb = createDynamoDBClient(servers.dynamodbEndpoint);
  const { Resources } = parse(readFileSync(join(root, 'deploy/resources/stores.yml'), 'utf8')) as {
    Resources: Resources;
  };
  const names = await createStores(Resources, { kinesis, dynamodb }, (logicalId) => logicalId);
  const config = readConsumerConfig({
    STREAM_NAME: names.EventStream,
    CLAIMS_TABLE: names.ClaimsTable,
    STATE_TABLE: names.StateTable,
    REDIS_URL: servers.redisUrl,
    KINESIS_ENDPOINT: servers.kinesisEndpoint,
    DYNAMODB_ENDPOINT: servers.dynamodbEndpoint,
  });
  const { stores, units } = countClaimUnits(await connectStores(config, (what) => process.stderr.write(`${what}\n`)));

  let handled = 0;
  const deps = createConsumerDeps(stores, createLogger('consumer'), silentMeter);
  const mapping = startEventSourceMapping({
    kinesis,
    streamName: config.streamName,
    settings: { batchSize: 1_000, batchWindowSeconds: 0.2 },
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
    handled: () => handled,
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
      await servers.stop();
    },
  };
}
