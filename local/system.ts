import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KinesisStreamBatchResponse } from 'aws-lambda';
import { createDynamoDBClient, createKinesisClient } from '../shared/stores/aws-clients.ts';
import { faultOf, VERSIONS, waitingFor } from '../shared/contract/versions.ts';
import { createApiKeys } from '../shared/stores/dynamodb/api-keys.ts';
import { createVersionsOfStage, type VersionsOfStage } from '../shared/stores/dynamodb/installation.ts';
import { banner } from './banner.ts';
import { createStores } from './create-stores.ts';
import { deleteExpired, expiringTables } from './data/expire.ts';
import { makeDataFolder } from './data/folder.ts';
import { takeLock } from './data/lock.ts';
import { startEventSourceMapping, type EventSourceMapping } from './event-source-mapping.ts';
import { isFree } from './free-ports.ts';
import { loadFunctions, type Invoke } from './functions.ts';
import { startGateway } from './gateway/gateway.ts';
import { routesOf } from './gateway/routes.ts';
import { createPositions } from './positions.ts';
import { readRate, startSchedules, type Schedule } from './schedules.ts';
import { startServers, type Servers } from './servers.ts';
import { readService, STAGE, type Service } from './service.ts';

export interface StartOptions {
  /** Where the project lies. */
  root: string;
  /** Where the functions were built. */
  programs: string;
  port?: string;
  data?: string;
  fresh?: boolean;
}

type Stop = () => Promise<void> | void;

/** What lies in the data folder; the folder itself may be the user's own. */
const STORED = ['redis', 'kinesis', 'dynamodb', 'log', 'positions.json', 'system.json'];

/** On AWS events wait longer for others, since batches are paid for. Here nobody pays, and somebody is watching. */
const LONGEST_WINDOW_SECONDS = 0.25;

/** What comes through the gateway wakes the mapping; others who put into the stream wait so long at most. */
const LONGEST_IDLE_MS = 1_000;

/** On AWS a file is written every hour, since many small ones cost. Here they cost nothing. */
const LONGEST_PAUSE_MS: Record<string, number> = { archive: 60 * 1_000 };

/** DynamoDB takes up to two days to let go of what has ended. */
const SWEEP_MS = 60 * 60 * 1_000;

const say = (line: string) => process.stderr.write(`${line}\n`);
const warn = (line: string) => say(`Mem: ${line}`);

/** Brings the system up, and ends it with the process. Where that cannot be, says why in a sentence, and exits with 1. */
export async function run(options: StartOptions): Promise<void> {
  const stops: Stop[] = [];
  endWithSignals(stops);
  try {
    await start(options, stops);
  } catch (error) {
    await stopAll(stops);
    say(`Mem cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

/** @param stops gets how to end each part, in the order in which they were started */
async function start({ root, programs, port, data, fresh }: StartOptions, stops: Stop[]): Promise<void> {
  const httpPort = await chooseHttpPort(port ?? process.env.MEM_PORT ?? '3000');
  const service = readService(root);
  const folder = resolve(root, data ?? process.env.MEM_DATA ?? '.mem');
  makeDataFolder(folder);
  stops.push(await takeLock(folder));
  if (fresh) for (const part of STORED) rmSync(join(folder, part), { recursive: true, force: true });

  const servers = await startServers({ root, folder, say });
  stops.push(servers.stop);
  const kinesis = createKinesisClient(servers.kinesisEndpoint);
  const dynamodb = createDynamoDBClient(servers.dynamodbEndpoint);
  stops.push(() => {
    kinesis.destroy();
    dynamodb.destroy();
  });
  const { Resources } = service.resources;
  const names = await createStores(Resources, { kinesis, dynamodb }, (id) => `${service.service}-${STAGE}-${id}`);
  await noteVersions(createVersionsOfStage(dynamodb, names.StateTable ?? ''));
  const apiKey = process.env.MEM_API_KEY ?? 'local';
  await createApiKeys(dynamodb, names.StateTable ?? '', Date.now).add(apiKey, 'admin');

  const environment = localEnvironment(servers, names, keepsLog(service) ? join(folder, 'log') : '');
  const functions = loadFunctions(service, programs, environment);
  // So that the command `mem` finds this system.
  const systemFile = join(folder, 'system.json');
  const { REDIS_PREFIX = '' } = service.functions.consumer?.environment ?? {};
  const system = { ...environment, REDIS_PREFIX, API_URL: `http://127.0.0.1:${httpPort}` };
  writeFileSync(systemFile, JSON.stringify(system, undefined, 2));
  stops.push(() => rmSync(systemFile, { force: true }));

  const { invoke, settings } = findConsumer(service, functions);
  const positions = createPositions(join(folder, 'positions.json'));
  const mapping: EventSourceMapping = startEventSourceMapping({
    kinesis,
    streamName: names.EventStream ?? '',
    settings,
    positions,
    invoke,
    warn,
  });
  stops.push(mapping.stop);
  const sweeps = expiringTables(Resources, names).map((table): Schedule => ({
    name: `forgetting what has ended in ${table.name}`,
    everyMs: SWEEP_MS,
    run: (signal) => deleteExpired(table, dynamodb, Date.now(), signal),
  }));
  stops.push(startSchedules([...schedulesOf(service, functions), ...sweeps], warn));
  const awaking = wakeAfter('ingest', functions, mapping.wake);
  stops.push((await startGateway({ port: httpPort, routes: routesOf(service), functions: awaking, warn })).stop);
  process.stdout.write(banner({ httpPort, apiKey, folder, servers }));
}

/** @throws Error where a newer version of Mem has written what this one cannot read */
async function noteVersions(versions: VersionsOfStage): Promise<void> {
  const stored = await versions.read();
  const fault = faultOf(stored) ?? waitingFor(stored);
  if (fault !== undefined) throw new Error(`the data folder is that of a newer version: ${fault}`);
  await versions.raise(VERSIONS);
}

/** Ctrl-C, a closed terminal, or somebody's request. Whoever asks twice does not want to wait. */
function endWithSignals(stops: Stop[]): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      void stopAll(stops).then(() => process.exit(0));
    });
  }
}

/** The last first: what answers requests before what it writes to. */
async function stopAll(stops: Stop[]): Promise<void> {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
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

/** The function that the stream is delivered to, and how. */
function findConsumer({ functions }: Service, invokes: Record<string, Invoke>) {
  for (const [name, { events = [] }] of Object.entries(functions)) {
    const stream = events.find((event) => event.stream)?.stream;
    const run = invokes[name];
    if (!stream || !run) continue;
    const batchWindowSeconds = Math.min(stream.batchWindow, LONGEST_WINDOW_SECONDS);
    return {
      settings: { batchSize: stream.batchSize, batchWindowSeconds, longestIdleMs: LONGEST_IDLE_MS },
      invoke: async (event: unknown) => (await run(event)) as KinesisStreamBatchResponse,
    };
  }
  throw new Error('serverless.yml: expected a function with a stream event.');
}

/** The functions, of which the one that puts events into the stream says so afterwards. */
function wakeAfter(name: string, functions: Record<string, Invoke>, wake: () => void): Record<string, Invoke> {
  const invoke = functions[name];
  if (!invoke) throw new Error(`serverless.yml: expected a function ${name}.`);
  return { ...functions, [name]: (event, stopping) => invoke(event, stopping).finally(wake) };
}

function schedulesOf({ functions }: Service, invokes: Record<string, Invoke>): Schedule[] {
  return Object.entries(functions).flatMap(([name, { events = [] }]) =>
    events.flatMap(({ schedule }): Schedule[] => {
      const invoke = invokes[name];
      if (schedule === undefined || !invoke) return [];
      return [
        {
          name,
          everyMs: Math.min(readRate(schedule), LONGEST_PAUSE_MS[name] ?? Infinity),
          run: (signal) => invoke({}, signal),
        },
      ];
    }),
  );
}

/** The setting `eventLog`: without it, nobody calls the function that writes the files. */
function keepsLog({ functions }: Service): boolean {
  return (functions.archive?.events ?? []).length > 0;
}

/** In place of what CloudFormation would put in: every function gets the names and addresses of this machine. */
function localEnvironment(servers: Servers, names: Record<string, string>, eventLog: string): Record<string, string> {
  return {
    STREAM_NAME: names.EventStream ?? '',
    CLAIMS_TABLE: names.ClaimsTable ?? '',
    STATE_TABLE: names.StateTable ?? '',
    STAGE,
    REDIS_URL: servers.redisUrl,
    REDIS_CLUSTER: 'false',
    KINESIS_ENDPOINT: servers.kinesisEndpoint,
    KINESIS_OVER_IPV6: 'false',
    STREAM_STOPS: 'true',
    // One machine has no bill to bound. Asked for, it works here, too.
    EVENT_LIMITS: process.env.MEM_EVENT_LIMITS ?? '',
    // No parameter store is here.
    SIGNING_SECRETS: process.env.MEM_SIGNING_SECRETS ?? '',
    DYNAMODB_ENDPOINT: servers.dynamodbEndpoint,
    EVENT_LOG: eventLog,
    POWERTOOLS_METRICS_DISABLED: 'true',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'WARN',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
