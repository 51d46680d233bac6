import type { MemConfig } from '../../deploy/config.cjs';
import type { AwsAccount } from '../aws/account.ts';
import { consumerName } from '../aws/stack.ts';
import { packageRoot } from '../package-root.ts';
import { checkConcurrency, checkCredentials, checkRedisParameter, checkStack, checkStreams } from './account.ts';
import { checkEventSource, readWantedDelivery } from './event-source.ts';
import type { Check } from './finding.ts';
import { checksOfRedis, type RedisToCheck } from './redis.ts';

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
