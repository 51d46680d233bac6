import type { MemConfig } from '../../deploy/config.cjs';
import type { AwsAccount } from '../aws/account.ts';
import { consumerName, type DeployedStage } from '../aws/stack.ts';
import { packageRoot } from '../aws/serverless.ts';
import { checkConcurrency, checkCredentials, checkRedisParameter, checkStack, checkStreams } from './account.ts';
import type { Check } from './finding.ts';
import { connectTables, type Tables } from '../connect.ts';
import { faultOf, waitingFor } from '../../shared/contract/versions.ts';
import { ownPrefix } from '../../shared/stores/dynamodb/installation.ts';
import { checksOfRedis, type RedisToCheck } from './redis.ts';
import { checkOwner, readPlace } from './redis-owner.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { parse } from 'yaml';

export interface StageToCheck {
  stage: string;
  /** Undefined where it is wrong. */
  config: MemConfig | undefined;
  account: AwsAccount;
  readInfo: RedisToCheck['readInfo'];
}

/** What can be looked at in an AWS account, before the first deployment and after it. */
export async function checksOfStage({ stage, config, account, readInfo }: StageToCheck): Promise<Check[]> {
  // Without credentials every other question would be answered with the same complaint.
  const identity = account.whoAmI();
  const isKnown = await identity.then(
    () => true,
    () => false,
  );
  const credentials = checkCredentials(() => identity);
  if (!isKnown) return [credentials, ...redisOfConfig(config, readInfo)];

  const deployed = account.readStage(stage);
  const found = await deployed.catch(() => undefined);
  const parameter =
    config?.redisUrlParameter ?? (config?.redisUrl === undefined ? found?.outputs.RedisUrlParameter : undefined);
  return [
    credentials,
    checkStack(stage, () => deployed),
    ...(parameter === undefined
      ? redisOfConfig(config, readInfo)
      : redisOfParameter(parameter, account, { readInfo, cluster: config?.redisCluster })),
    ...replacedCache(config, found),
    ...ownerOfRedis(stage, config, found, parameter === undefined ? undefined : () => account.readParameter(parameter)),
    ...(found?.outputs.StateTable === undefined ? [] : [checkVersions(stage, found.outputs.StateTable)]),
    ...(found
      ? [checkEventSource(readWantedDelivery(packageRoot()), () => account.listEventSources(consumerName(stage)))]
      : []),
    checkConcurrency(config ?? {}, () => account.readConcurrency()),
    checkStreams(
      () => deployed.then((it) => it !== undefined),
      () => account.readStreamLimits(),
    ),
  ];
}

function redisOfConfig(config: MemConfig | undefined, readInfo: RedisToCheck['readInfo']): Check[] {
  if (config === undefined) {
    return [
      {
        name: 'Redis',
        look: () => ({
          status: 'skipped',
          found: 'the configuration, which says where it is, is wrong',
          advice: 'correct that first',
        }),
      },
    ];
  }
  const { redisUrl, redisUrlParameter, redisCluster } = config;
  if (redisUrl !== undefined) {
    return checksOfRedis({ url: () => Promise.resolve(redisUrl), readInfo, cluster: redisCluster });
  }
  if (redisUrlParameter !== undefined) return [];
  return [{ name: 'Redis', look: () => ({ status: 'ok', found: 'made by mem deploy, inside its own network' }) }];
}

function redisOfParameter(name: string, account: AwsAccount, redis: Omit<RedisToCheck, 'url'>): Check[] {
  const url = account.readParameter(name);
  return [checkRedisParameter(name, () => url), ...checksOfRedis({ ...redis, url: async () => (await url) ?? '' })];
}

/** With a Redis of somebody's own, the dedicated one is not needed any more, and CloudFormation deletes it. */
export function replacedCache(config: MemConfig | undefined, found: DeployedStage | undefined): Check[] {
  const endpoint = found?.outputs.RedisEndpoint;
  if (endpoint === undefined || (config?.redisUrl ?? config?.redisUrlParameter) === undefined) return [];
  return [
    {
      name: 'dedicated Redis',
      look: () => ({
        status: 'warning',
        found: `a deployment deletes ${endpoint}, since another Redis is configured`,
        advice:
          'its last content stays as a snapshot; the new Redis gets what the stream still holds, and older counts are lost',
      }),
    },
  ];
}

/** A Redis that mem deploy makes has no other users. */
function ownerOfRedis(
  stage: string,
  config: MemConfig | undefined,
  found: DeployedStage | undefined,
  readParameter: (() => Promise<string | undefined>) | undefined,
): Check[] {
  const { redisUrl, redisCluster = false, redisPrefix = '' } = config ?? {};
  const url = redisUrl === undefined ? readParameter : () => Promise.resolve(redisUrl);
  if (config === undefined || url === undefined) return [];
  const StateTable = found?.outputs.StateTable;
  return [
    checkOwner({
      isDeployed: StateTable !== undefined,
      installation: async () =>
        StateTable === undefined
          ? { id: '', prefix: redisPrefix === '' ? ownPrefix(false, stage) : redisPrefix, hasCounted: false }
          : readOnce(
              connectTables({ settings: { STATE_TABLE: StateTable, STAGE: stage, REDIS_PREFIX: redisPrefix } }),
              (tables) => tables.installation(),
            ),
      readPlace: async (prefix) => readPlace((await url()) ?? '', redisCluster, prefix),
    }),
  ];
}

async function readOnce<T>(tables: Tables, read: (tables: Tables) => Promise<T>): Promise<T> {
  try {
    return await read(tables);
  } finally {
    tables.close();
  }
}

/** A version of Mem that does not read what the stage holds is not deployed over the one that wrote it. */
function checkVersions(stage: string, StateTable: string): Check {
  return {
    name: 'versions of what is stored',
    async look() {
      const tables = connectTables({ settings: { STATE_TABLE: StateTable, STAGE: stage } });
      const stored = await readOnce(tables, ({ versions }) => versions.read());
      const fault = faultOf(stored) ?? waitingFor(stored);
      return fault === undefined
        ? { status: 'ok', found: 'this version of Mem reads all that the stage holds' }
        : { status: 'problem', found: fault, advice: 'npm install the newer version, and deploy that' };
    },
  };
}

/** What exactly-once counting rests on: how Lambda has to deliver the stream, by the names of its API. */
export type WantedDelivery = Pick<
  EventSourceMappingConfiguration,
  | 'BatchSize'
  | 'ParallelizationFactor'
  | 'MaximumRetryAttempts'
  | 'MaximumRecordAgeInSeconds'
  | 'BisectBatchOnFunctionError'
  | 'FunctionResponseTypes'
>;

interface StreamEvent {
  batchSize: number;
  parallelizationFactor: number;
  maximumRetryAttempts: number;
  maximumRecordAgeInSeconds: number;
  bisectBatchOnFunctionError: boolean;
  functionResponseType: 'ReportBatchItemFailures';
}

/** Reads serverless.yml. @throws Error where the consumer has no stream there */
export function readWantedDelivery(root: string): WantedDelivery {
  const text = readFileSync(join(root, 'serverless.yml'), 'utf8');
  const { functions } = parse(text, { logLevel: 'silent' }) as {
    functions: { consumer: { events: { stream?: StreamEvent }[] } };
  };
  const stream = functions.consumer.events.find((event) => event.stream)?.stream;
  if (!stream) throw new Error('serverless.yml: expected the function consumer with a stream event');
  return {
    BatchSize: stream.batchSize,
    ParallelizationFactor: stream.parallelizationFactor,
    MaximumRetryAttempts: stream.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: stream.maximumRecordAgeInSeconds,
    BisectBatchOnFunctionError: stream.bisectBatchOnFunctionError,
    FunctionResponseTypes: [stream.functionResponseType],
  };
}

/** Somebody may have changed the deployed mapping by hand. @param list the mappings of the consumer */
export function checkEventSource(
  wanted: WantedDelivery,
  list: () => Promise<EventSourceMappingConfiguration[]>,
): Check {
  return {
    name: 'delivery to the consumer',
    async look() {
      const [mapping, ...others] = await list();
      const again = 'deploy again: mem deploy';
      if (!mapping) return { status: 'problem', found: 'nothing delivers the stream to the consumer', advice: again };
      if (others.length > 0) {
        return {
          status: 'problem',
          found: `${others.length + 1} mappings deliver to the consumer`,
          advice: 'remove those that mem deploy has not made',
        };
      }
      const differences = Object.entries(wanted).flatMap(([name, value]) => {
        const is = mapping[name as keyof WantedDelivery];
        return JSON.stringify(is) === JSON.stringify(value)
          ? []
          : [`${name}: expected ${JSON.stringify(value)}, got ${JSON.stringify(is)}`];
      });
      if (differences.length > 0) return { status: 'problem', found: differences.join('; '), advice: again };
      if (mapping.State !== 'Enabled') {
        return {
          status: 'problem',
          found: `the mapping is ${mapping.State ?? 'in an unknown state'}: nothing is counted`,
          advice: 'enable it in the console of Lambda',
        };
      }
      return { status: 'ok', found: 'as serverless.yml says, and enabled' };
    },
  };
}
