import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createApiKeys } from '../shared/stores/dynamodb/api-keys.ts';
import { createDynamoDBClient, createKinesisClient } from '../shared/stores/aws-clients.ts';
import { banner } from './banner.ts';
import { createStores, type Resources } from './create-stores.ts';
import { startEventSourceMapping, type EventSourceMapping } from './event-source-mapping.ts';
import { findFreePorts, isFree } from './free-ports.ts';
import { invokeFunction } from './invoke-function.ts';
import { takeLock } from './lock.ts';
import { createPositions } from './positions.ts';
import { startServers, type Servers } from './servers.ts';

/** What `serverless offline` gives its plugins, as far as it is used here. */
export interface Serverless {
  service: {
    service: string;
    custom: Record<string, unknown> & { 'serverless-offline': Record<string, unknown> };
    provider: { environment?: Record<string, unknown> };
    functions: Record<
      string,
      { name: string; environment?: Record<string, unknown>; events: Record<string, unknown>[] }
    >;
    resources: { Resources: Resources };
  };
}

export interface OfflineOptions {
  port?: string;
  fresh?: boolean;
  data?: string;
}

export interface LocalSystem {
  /** Begins to deliver the stream to the consumer, and prints where everything is. */
  deliver: () => void;
  /** Ends the delivery, then the servers. */
  stop: () => Promise<void>;
}

interface Context {
  serverless: Serverless;
  options: OfflineOptions;
  /** Where the project lies. */
  root: string;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Brings up everything that the functions need, and tells them where it is. Ends the process if that cannot be. */
export async function startForOffline(context: Context): Promise<LocalSystem> {
  try {
    return await start(context);
  } catch (error) {
    say(`Mem cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

async function start({ serverless, options, root }: Context): Promise<LocalSystem> {
  const httpPort = await chooseHttpPort(options.port ?? process.env.MEM_PORT ?? '3000');
  const folder = resolve(root, options.data ?? process.env.MEM_DATA ?? '.mem');
  const unlock = takeLock(folder);
  if (options.fresh) for (const part of STORED) rmSync(join(folder, part), { recursive: true, force: true });

  const servers = await startServers({ root, folder, say });
  endWithTheTerminal(servers);
  const kinesis = createKinesisClient(servers.kinesisEndpoint);
  const dynamodb = createDynamoDBClient(servers.dynamodbEndpoint);
  const stores = await createStores(
    serverless.service.resources.Resources,
    { kinesis, dynamodb },
    (logicalId) => `${serverless.service.service}-local-${logicalId}`,
  );
  const apiKey = process.env.MEM_API_KEY ?? 'local';
  await createApiKeys(dynamodb, stores.StateTable ?? '', Date.now).add(apiKey, 'admin');

  const [lambdaPort = 0] = await findFreePorts(1);
  Object.assign(serverless.service.custom['serverless-offline'], { httpPort, lambdaPort });
  const environment = localEnvironment(servers, stores);
  for (const definition of Object.values(serverless.service.functions)) {
    definition.environment = { ...definition.environment, ...environment };
  }
  // So that the command `mem` finds this system.
  const system = { ...environment, API_URL: `http://127.0.0.1:${httpPort}` };
  writeFileSync(join(folder, 'system.json'), JSON.stringify(system, undefined, 2));

  let mapping: EventSourceMapping | undefined;
  return {
    deliver() {
      const consumer = serverless.service.functions.consumer;
      const stream = consumer?.events.find((event) => 'stream' in event)?.stream as StreamEvent | undefined;
      if (!consumer || !stream) throw new Error('serverless.yml: expected the function consumer with a stream event');
      mapping = startEventSourceMapping({
        kinesis,
        streamName: stores.EventStream ?? '',
        settings: {
          batchSize: stream.batchSize,
          batchWindowSeconds: Math.min(stream.batchWindow, LONGEST_WINDOW_SECONDS),
        },
        positions: createPositions(join(folder, 'positions.json')),
        invoke: (event) => invokeFunction(`http://127.0.0.1:${lambdaPort}`, consumer.name, event),
        warn: (line) => say(`Mem: ${line}`),
      });
      process.stdout.write(banner({ httpPort, apiKey, folder, servers }));
    },
    async stop() {
      await mapping?.stop();
      kinesis.destroy();
      dynamodb.destroy();
      await servers.stop();
      rmSync(join(folder, 'system.json'), { force: true });
      unlock();
    },
  };
}

/** What lies in the data folder; the folder itself may be the user's own. */
const STORED = ['redis', 'kinesis', 'dynamodb', 'positions.json', 'system.json'];

/** On AWS events wait longer for others, since batches are paid for. Here nobody pays, and somebody is watching. */
const LONGEST_WINDOW_SECONDS = 1;

interface StreamEvent {
  batchSize: number;
  batchWindow: number;
}

async function chooseHttpPort(text: string): Promise<number> {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--port: expected a number from 1 to 65535, got ${JSON.stringify(text)}.`);
  }
  if (!(await isFree(port))) {
    throw new Error(`port ${port} of 127.0.0.1 is in use; choose another one: npm start -- --port ${port + 1}`);
  }
  return port;
}

/** A closed terminal sends SIGHUP, which serverless offline does not handle. */
function endWithTheTerminal(servers: Servers): void {
  process.once('SIGHUP', () => {
    void servers.stop().finally(() => process.exit(0));
  });
}

/** Refs are not resolved by serverless offline: every function gets the names and addresses themselves. */
function localEnvironment(servers: Servers, stores: Record<string, string>): Record<string, string> {
  return {
    STREAM_NAME: stores.EventStream ?? '',
    CLAIMS_TABLE: stores.ClaimsTable ?? '',
    STATE_TABLE: stores.StateTable ?? '',
    STAGE: 'local',
    REDIS_URL: servers.redisUrl,
    REDIS_CLUSTER: 'false',
    KINESIS_ENDPOINT: servers.kinesisEndpoint,
    KINESIS_OVER_IPV6: 'false',
    DYNAMODB_ENDPOINT: servers.dynamodbEndpoint,
    POWERTOOLS_METRICS_DISABLED: 'true',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'WARN',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
