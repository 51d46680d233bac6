// A process of its own, since Node reads NODE_EXTRA_CA_CERTS at its start only: prints what a cluster's nodes answer.
import { readReportConfig } from '../../../shared/runtime/config.ts';
import { createCounters } from '../../../shared/stores/redis/counters.ts';
import { nodesOf, openSafeRedis } from '../../../shared/stores/redis/client.ts';

async function main(): Promise<void> {
  const config = readReportConfig({ ...process.env, STATE_TABLE: 'none' });
  const redis = await openSafeRedis(config, () => undefined);
  const answers = await Promise.all(nodesOf(redis).map((node) => node.ping()));
  const pointer = await createCounters(redis, config.redisPrefix).initPointer('g1');
  process.stdout.write(JSON.stringify({ answers, pointer }));
  redis.disconnect();
}

void main();
