import { carryOver } from '../../../shared/counting/layout-one/carry-over.ts';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import { createNoticeGap } from '../../../shared/counting/gap.ts';
import { createSamples } from '../../../shared/counting/limits/samples.ts';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { replay, type ReplayOptions, type ReplayResult } from '../../../shared/counting/replay.ts';
import { createAdmission } from '../../../shared/counting/limits/admit.ts';
import { consume, type ConsumerDeps } from '../../../shared/counting/consume.ts';
import { recoverAll, recoverShards, type RecoverDeps } from '../../../shared/counting/recover.ts';
import { startEventSourceMapping } from '../../../local/event-source-mapping.ts';
import type { Positions } from '../../../local/positions.ts';
import { readConsumerConfig } from '../../../shared/runtime/config.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { experimentId } from '../../../shared/contract/experiment-id.ts';
import { createNameRegistry } from '../../../shared/counting/limits/name-registry.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { connectStores, type AllStores } from '../../../shared/stores/connect.ts';
import { encodeRecords } from '../../../shared/counting/stream-record.ts';
import { environmentOf } from '../aws/load-handler.ts';
import type { World } from '../counting/world.ts';

/** The consumer on a test's own stream, tables and Redis, delivered to as on one machine. */
export interface LiveSystem {
  stores: AllStores;
  /** Delivers from now on, until it is stopped; what was delivered before is not delivered again. */
  startDelivering: () => { stop: () => Promise<void> };
  /** Acknowledged by the stream when it resolves. */
  put: (events: readonly TrackedEvent[]) => Promise<void>;
  heal: () => Promise<boolean>;
  replay: (options?: Partial<ReplayOptions>) => Promise<ReplayResult>;
  /** `variant:event` -> count, in the served generation. */
  counts: (experiment?: string) => Promise<Record<string, number>>;
  close: () => void;
}

const PLENTY = () => 300_000;

/** @param settings such as LIMITS */
export async function createLiveSystem(world: World, settings: Record<string, string> = {}): Promise<LiveSystem> {
  const config = readConsumerConfig({ ...environmentOf(world), ...settings });
  const stores = await connectStores(config, () => undefined);
  const keys = createRedisKeys(world.prefix);
  const countEvents = createCountEvents(stores);
  const recoverDeps: RecoverDeps = {
    ...stores,
    countEvents,
    carryOver: () => carryOver({ ...stores, say: () => undefined }),
    onBehind: () => undefined,
    onPage: () => undefined,
    onRecovered: () => undefined,
  };
  const consumerDeps: ConsumerDeps = {
    ...stores,
    countEvents,
    carryOver: recoverDeps.carryOver,
    noticeGap: createNoticeGap(recoverDeps),
    samples: createSamples(Date.now),
    admit: createAdmission({ ...stores, registry: createNameRegistry(stores.nameLists, stores.limits, stores.now) }),
    catchUp: (behind, generation, timeLeft) => recoverShards(behind, generation, recoverDeps, timeLeft),
    observe: () => undefined,
  };
  const positions = createMemoryPositions();
  let keysUsed = 0;

  async function invoke({ Records }: KinesisStreamEvent) {
    const shardId = Records[0]?.eventID.split(':')[0] ?? '';
    const records = Records.map(({ kinesis }) => ({
      sequence: kinesis.sequenceNumber,
      data: Buffer.from(kinesis.data, 'base64'),
    }));
    const retryFrom = await consume(shardId, records, consumerDeps, PLENTY);
    return { batchItemFailures: retryFrom === undefined ? [] : [{ itemIdentifier: retryFrom }] };
  }

  return {
    stores,
    startDelivering: () =>
      startEventSourceMapping({
        kinesis: world.kinesis,
        streamName: world.stream,
        settings: { batchSize: 50, batchWindowSeconds: 0 },
        positions,
        invoke,
        warn: () => undefined,
      }),
    async put(events) {
      const bundle = { at: Date.now(), events: [...events] };
      const records = encodeRecords(bundle, () => `key-${(keysUsed += 1)}`).flat();
      const entries = records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
      await world.kinesis.send(new PutRecordsCommand({ StreamName: world.stream, Records: entries }));
    },
    heal: () => recoverAll(recoverDeps, PLENTY),
    replay: (options = {}) => {
      const quiet = { onPage: () => undefined, say: () => undefined, sleep: () => Promise.resolve() };
      return replay({ dryRun: false, acceptLoss: false, ...options }, { ...stores, countEvents, ...quiet });
    },
    async counts(experiment = 'button@0') {
      const [name = '', incarnation = '0'] = experiment.split('@');
      const id = experimentId({ namespace: 'alephbet', experiment: name, incarnation: Number(incarnation) });
      const generation = (await stores.counters.readPointer()) ?? 'none';
      const fields = await world.redis.hgetall(keys.counts(generation, id));
      return Object.fromEntries(Object.entries(fields).map(([field, count]) => [field, Number(count)]));
    },
    close: () => stores.close(),
  };
}

function createMemoryPositions(): Positions {
  const delivered = new Map<string, string>();
  const done = new Set<string>();
  return {
    of: (shardId) => delivered.get(shardId),
    advance: (shardId, sequence) => void delivered.set(shardId, sequence),
    finish: (shardId) => void done.add(shardId),
    isDone: (shardId) => done.has(shardId),
  };
}
