import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { replay } from '../../../shared/counting/replay.ts';
import { createAdmission, type Admit } from '../../../shared/counting/limits/admit.ts';
import { consume, type ConsumerDeps, type ConsumerEvent } from '../../../shared/counting/consume.ts';
import { createCountEvents, type CountEvents } from '../../../shared/counting/visitors/count-events.ts';
import { createNoticeGap } from '../../../shared/counting/gap.ts';
import { recoverAll, recoverShards, type RecoverDeps } from '../../../shared/counting/recover.ts';
import { NO_EVENT_LOG, type RowChange } from '../../../shared/counting/log/event-log.ts';
import { archive } from '../../../shared/counting/log/archive.ts';
import { withoutDead, withoutUnit } from '../../../shared/counting/log/change-rows.ts';
import { createLineage } from '../../../shared/counting/log/lineage.ts';
import { createEventLog } from '../../../shared/stores/log/event-log.ts';
import { shardName } from '../../../shared/counting/position.ts';
import type { ShardReader, StoredRecord } from '../../../shared/counting/ports.ts';
import { decodeRecord } from '../../../shared/counting/stream-record.ts';
import { createNameRegistry } from '../../../shared/counting/limits/name-registry.ts';
import { compareSequence } from '../../../shared/contract/sequence-number.ts';
import type { Command } from '../../support/dynamodb/memory-dynamodb.ts';
import { createGatedClient } from './gated-client.ts';
import type { Shard } from './memory-stream.ts';
import type { Step } from '../schedules/schedule.ts';
import { watchSwitch } from '../laws/served-figures.ts';
import { agreedTime, MOST_SKEW_MS } from '../../../shared/stores/redis/clock.ts';
import { createTableStores } from './table-stores.ts';
import { RETENTION_MS } from './tables.ts';
import { createTask, gated, start, type Gate, type Task } from './tasks.ts';
import type { DeletionRequest, Role, SimStores, World } from './world.ts';

/** The stores behind a task's gate. @param clockMs by how much the clock of whoever runs the task is ahead of all others */
function storesOf(world: World, task: Task, role: Role, clockMs = 0): SimStores {
  const gate: Gate = (name, call, onAccident) => task.enter(name, call, onAccident);
  const { stream, box, now } = world;
  const sleep = world.mutation.waits?.(role) === false ? () => Promise.resolve() : sleepOf(world, gate);
  const own = () => now() + clockMs;
  const storeNow = world.mutation.storeNow ?? ((asking) => askRedisClock(world, task, asking));
  const tableOptions = { now: own, storeNow: () => storeNow(own), sleep, retentionMs: world.mutation.retentionMs };
  const { newestRecord } = world;
  const tables = createTableStores(clientOf(world, gate, role), tableOptions);
  const stores: SimStores = {
    stream: stream.name,
    counters: gated('counters', box.counters, gate),
    counterReader: gated('counterReader', box.counterReader, gate),
    ...tables,
    formats: { ...tables.formats, decode: (data) => decodeRecord(data, newestRecord) },
    generationStore: gated('generationStore', generationStoreOf(world), gate),
    ...loggedStoresOf(world, gate),
    reader: gatedReader(stream.reader, gate),
    now,
    sleep,
  };
  return world.mutation.stores?.(stores, { role, world, gate }) ?? stores;
}

/** Without a log, lineage is what the stream knows: no call more than that. */
function loggedStoresOf({ stream, objects }: World, gate: Gate): Pick<SimStores, 'lineage' | 'log'> {
  const { isListed } = stream.lineage;
  const lineage = { ...gated('lineage', { ancestorsOf: stream.lineage.ancestorsOf }, gate), isListed };
  if (!objects) return { lineage, log: NO_EVENT_LOG };
  const log = createEventLog(gated('objects', objects, gate));
  return { log, lineage: createLineage(stream.name, lineage, log) };
}

function clientOf({ tables, mutation }: World, gate: Gate, role: Role): DynamoDBClient {
  const change = mutation.command ?? ((command: Command) => command);
  return createGatedClient((command, throttle) => tables.dynamodb.answer(change(command, role), throttle), gate);
}

function sleepOf(world: World, gate: Gate): (ms: number) => Promise<void> {
  return (ms) =>
    gate('sleep', () => {
      world.pass(ms);
      return Promise.resolve();
    });
}

/** The nodes of a Redis, of which each may answer, have clocks that differ by so much. */
const NODES_MS = [0, 400, -400];

/** Whoever asks compares Redis' time with his own, as shared/stores/redis/clock.ts does. */
async function askRedisClock({ now }: World, task: Task, own: () => number): Promise<number> {
  const asked = own();
  const ahead = NODES_MS[task.name % NODES_MS.length] ?? 0;
  return agreedTime(await task.enter('redis.time', () => Promise.resolve(now() + ahead)), asked, own());
}

function gatedReader(reader: ShardReader, gate: Gate): ShardReader {
  return {
    async *read(shardId, after) {
      const pages = reader.read(shardId, after)[Symbol.asyncIterator]();
      for (;;) {
        const page = await gate('reader.read', () => pages.next());
        if (page.done) return;
        yield page.value;
      }
    },
  };
}

/** Redis' own clock is real, a schedule's is not: the hold ends when the schedule's clock says so. */
function generationStoreOf(world: World): SimStores['generationStore'] {
  const { generationStore, redis, keys } = world.box;
  return {
    ...generationStore,
    async hold(seconds) {
      await redis.set(keys.hold, 'replay');
      world.holdUntil = world.now() + seconds * 1_000;
    },
    switchTo: (served, other) => watchSwitch(world, other, () => generationStore.switchTo(served, other)),
  };
}

/** With the memory of the process that the task runs in. */
function countEventsOf({ codes, mutation }: World, { name }: Task, { counters, deletions }: SimStores): CountEvents {
  const memory = codes[name % codes.length];
  return createCountEvents({
    counters,
    deletions,
    ...(memory && { memory }),
    ...(mutation.fold && { foldVisits: mutation.fold }),
  });
}

function recoverDepsOf(world: World, task: Task): RecoverDeps {
  const ignore = () => undefined;
  const stores = storesOf(world, task, 'heal');
  return {
    ...stores,
    countEvents: countEventsOf(world, task, stores),
    carryOver: () => Promise.resolve('nothing' as const),
    retentionMs: RETENTION_MS,
    onBehind: ignore,
    onPage: ignore,
    onRecovered: ignore,
  };
}

/** What the consumer's handler does with a batch. */
export async function deliver(world: World, shard: Shard, step: Extract<Step, { do: 'deliver' }>): Promise<Task> {
  const batch = world.mapping.cut(shard, step.size, step.back);
  const task = createTask(step.name, `consumer of ${shard.id} #${batch[0]?.sequence.slice(-4) ?? ''}`);
  world.tasks.push(task);
  world.mapping.assign(shard, task);
  await start(task, () => runConsumer(world, task, shard, batch, step.hurry));
  return task;
}

async function runConsumer(
  world: World,
  task: Task,
  shard: Shard,
  batch: readonly StoredRecord[],
  hurry: number,
): Promise<void> {
  const recoverDeps = recoverDepsOf(world, task);
  let asked = 0;
  const timeLeft = () => (hurry > 0 && (asked += 1) >= hurry ? 0 : Infinity);
  const noticed = new Set<ConsumerEvent['kind']>();
  const stores = storesOf(world, task, 'consumer');
  const deps: ConsumerDeps = {
    ...stores,
    countEvents: countEventsOf(world, task, stores),
    carryOver: recoverDeps.carryOver,
    admit: admissionOf(world, task, stores),
    catchUp: (behind, generation, left) => recoverShards(behind, generation, recoverDeps, left),
    noticeGap: createNoticeGap({ ...stores, retentionMs: world.mutation.gapAfterMs ?? RETENTION_MS }),
    samples: { take: () => true },
    observe(event) {
      noticed.add(event.kind);
      if (event.kind === 'unkept') world.unkept.add(`${event.shard}/${event.sequence}`);
    },
  };
  const retryFrom = await (world.mutation.consume ?? consume)(shard.id, batch, deps, timeLeft);
  if (noticed.has('behind')) await recoverAll(recoverDeps, timeLeft).catch(() => undefined);

  const through = world.mapping.answer(shard, task, batch, retryFrom);
  const checkpoint = world.tables.checkpointOf(shardName(world.stream.name, shard.id))?.sequence ?? '';
  if (through !== undefined && compareSequence(checkpoint, through) < 0) {
    world.broken.push(`success was reported up to ${through}, but the checkpoint is ${checkpoint || 'missing'}`);
  }
}

/** Invocations run in several processes, each of which remembers names. */
function admissionOf({ limits, now, processes }: World, { name }: Task, { nameLists, definitions }: SimStores): Admit {
  const registry = createNameRegistry(nameLists, limits, now, processes[name % processes.length]);
  return createAdmission({ registry, definitions, limits, countOnlyDefined: false, now });
}

export async function heal(world: World, name: number): Promise<Task> {
  const task = createTask(name, 'heal');
  world.tasks.push(task);
  await start(task, async () => {
    await recoverAll(recoverDepsOf(world, task), () => Infinity);
  });
  return task;
}

/** What the archiver's schedule starts: any number of them at once. */
export async function startArchive(world: World, name: number): Promise<Task> {
  const task = createTask(name, 'archive');
  world.tasks.push(task);
  await start(task, async () => {
    const stores = storesOf(world, task, 'archiver');
    const ignore = () => undefined;
    const deps = {
      ...stores,
      streamCreatedAt: () => Promise.resolve(0),
      retentionMs: RETENTION_MS,
      maxRows: 4,
      inTurn: (shards: readonly string[]) => shards,
      onFile: ignore,
      onBehind: ignore,
    };
    await archive(deps, () => Infinity);
  });
  return task;
}

/** Rows of deleted experiments leave the log's files, while archivers stand still. */
export function startPruning(world: World): Promise<Task> {
  return startRewrite(world, async ({ deletions }) => withoutDead(await deletions.readAll()));
}

/** The visitor of the first event is forgotten, whose rows are in several files. */
export function startForgetting(world: World): Promise<Task> {
  const unit = world.acknowledged.find(({ event }) => event.unit !== undefined)?.event.unit ?? 'nobody';
  return startRewrite(world, () => Promise.resolve(withoutUnit({ unit }, `${unit}, forgotten`)));
}

async function startRewrite(world: World, change: (stores: SimStores) => Promise<RowChange>): Promise<Task> {
  const task = createTask(0, 'rewrite');
  await start(task, async () => {
    const stores = storesOf(world, task, 'operator');
    await stores.log.rewrite(await change(stores));
  });
  return task;
}

export async function startReplay(world: World, step: Extract<Step, { do: 'replay' }>): Promise<Task> {
  const task = createTask(step.name, 'replay');
  world.tasks.push(task);
  const resume = step.resume ? world.replays.at(-1) : undefined;
  const options = {
    dryRun: step.dryRun,
    acceptLoss: step.acceptLoss,
    ...(resume !== undefined && { resume }),
    ...(step.fromMsAgo !== undefined && { from: world.now() - step.fromMsAgo }),
  };
  const say = (line: string) => {
    const begun = / into (g\d+(?:b\d+)?)$/.exec(line)?.[1];
    if (begun !== undefined && !step.dryRun && !world.replays.includes(begun)) world.replays.push(begun);
  };
  await start(task, async () => {
    const stores = storesOf(world, task, 'replay');
    const countEvents = countEventsOf(world, task, stores);
    await replay(options, { ...stores, countEvents, onPage: () => undefined, say });
  });
  return task;
}

/** Somebody has an experiment forgotten. */
export async function startDeletion(world: World, name: number, experiment: string, clockMs = 0): Promise<Task> {
  const task = createTask(name, 'deletion');
  world.tasks.push(task);
  const request: DeletionRequest = { name: experiment, askedAt: world.now() };
  world.deletions.push(request);
  await start(task, async () => {
    const { since } = await storesOf(world, task, 'operator', clockMs).deletions.delete(experiment);
    request.answeredAt = world.now();
    if (since < request.askedAt) {
      world.broken.push(`${experiment} is forgotten from a time before it was asked for`);
    }
    if (since > request.answeredAt + MOST_SKEW_MS) {
      world.broken.push(`${experiment} is said to be forgotten before it is`);
    }
  });
  return task;
}
