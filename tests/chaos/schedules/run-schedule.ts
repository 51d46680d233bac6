/*
 * How the simulator works
 *
 * A schedule (schedule.ts) is a list of steps that a seed makes (generate.ts): requests arrive, batches are delivered,
 * shards are split, Redis is rolled back… The world (world.ts) is a stream and tables in memory, with the laws of
 * Kinesis and DynamoDB, a real Redis, and Lambda's event source mapping (mapping.ts).
 *
 * What is tried is the product itself: consume, recoverAll and replay run as tasks (invocations.ts). A task stands still
 * at every call of a store until a step lets it happen, fail, or be the last thing that the task ever does (tasks.ts).
 * So every interleaving is possible, and a seed repeats its own call by call.
 *
 * When the steps are over the dust settles, and every counter is compared with the oracle (oracle.ts), which knows only
 * what was acknowledged. A failing schedule is shrunk (shrink.ts). Rules can be taken out (rules.ts): the simulator
 * then has to notice. And every single call of some scenarios is disturbed in turn (enumerate.ts).
 */
import type { Redis } from 'ioredis';
import { compareSequence } from '../../../shared/contract/sequence-number.ts';
import { shardName } from '../../../shared/counting/position.ts';
import type { ExperimentKey } from '../../../shared/counting/ports.ts';
import { createDefinitions } from '../../../shared/stores/dynamodb/definitions.ts';
import { createLosses } from '../../../shared/stores/dynamodb/losses.ts';
import { createNameLists } from '../../../shared/stores/dynamodb/name-lists.ts';
import { experimentName } from '../../../shared/contract/experiment-id.ts';
import { createNameCache, releaseNames } from '../../../shared/counting/limits/name-registry.ts';
import { encodeRecords } from '../../../shared/counting/stream-record.ts';
import { VERSIONS } from '../../../shared/contract/versions.ts';
import { checkDeletions } from '../laws/check-deletions.ts';
import { checkFiles, hasAllThatLeft } from '../laws/check-files.ts';
import { checkLosses } from '../laws/check-losses.ts';
import { checkNames } from '../laws/check-names.ts';
import { compare, judge, type Complaint } from '../laws/compare.ts';
import {
  deliver,
  heal,
  startArchive,
  startDeletion,
  startForgetting,
  startPruning,
  startReplay,
} from '../world/invocations.ts';
import { RETENTION_MS, STATE_TABLE } from '../world/tables.ts';
import { expect } from '../laws/oracle.ts';
import { itemAt } from './random.ts';
import type { Schedule, Step } from './schedule.ts';
import { step as stepTask, type Task } from '../world/tasks.ts';
import { EXPERIMENTS } from '../world/traffic.ts';
import { createWorld, inStreamOrder, type Mutation, type World } from '../world/world.ts';

export interface Verdict {
  /** `lost`, `doubled` or `misfolded`: the counters are not what they have to be; `broken`: a law was on the way. */
  result: 'exact' | 'lost' | 'doubled' | 'misfolded' | 'broken';
  complaints: Complaint[];
  broken: string[];
  /** How many calls of stores each numbered task made. */
  calls: ReadonlyMap<number, number>;
}

const STEP_MS = 40;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** More calls than anything ever needs: what makes so many spins. */
const SPINNING = 5_000;
const NO_NAME = 0;
let schedules = 0;

/** Runs a schedule to its end, lets the dust settle, and compares every counter with the oracle. */
export async function runSchedule(schedule: Schedule, redis: Redis, mutation: Mutation = {}): Promise<Verdict> {
  const prefix = `{chaos-${process.pid}-${(schedules += 1)}}`;
  const world = createWorld(redis, prefix, schedule.shards, mutation, schedule);
  try {
    for (const step of schedule.steps) {
      await takeStep(world, step);
      await passTime(world, STEP_MS);
    }
    await settle(world);
    await archiveAll(world);
    return await reachVerdict(world);
  } finally {
    await world.box.clear();
  }
}

async function takeStep(world: World, step: Step): Promise<void> {
  const { stream, mapping, box } = world;
  switch (step.do) {
    case 'put':
      putEvents(world, step);
      return;
    case 'put astray':
      putEvents(world, { ...step, twice: false }, step.key);
      return;
    case 'put garbage':
      world.garbage += 1;
      stream.put(step.key, Buffer.from('{"v":1,"at":"noon"}'), world.now());
      return;
    case 'deliver': {
      const shard = itemAt(mapping.ready(), step.shard);
      if (shard) await deliver(world, shard, step);
      return;
    }
    case 'heal':
      await heal(world, step.name);
      return;
    case 'archive':
      await startArchive(world, step.name);
      return;
    case 'forget positions':
      forgetPositions(world);
      return;
    case 'replay':
      await startReplay(world, step);
      return;
    case 'run': {
      const task = world.tasks.find(({ name }) => name === step.task);
      for (let call = 1; task && call < step.calls && task.state === 'running'; call += 1) await stepTask(task);
      if (task) await stepTask(task, step.accident);
      return;
    }
    case 'split': {
      const shard = itemAt(stream.open(), step.shard);
      if (shard) stream.split(shard);
      return;
    }
    case 'merge': {
      const open = stream.open().sort((a, b) => a.low - b.low);
      const left = itemAt(open.slice(0, -1), step.shard);
      const right = open.find(({ low }) => low === left?.high);
      if (left && right) stream.merge(left, right);
      return;
    }
    case 'delete': {
      const { namespace, experiment } = itemAt(EXPERIMENTS, step.experiment) ?? EXPERIMENTS[0];
      await startDeletion(world, step.name, experimentName(namespace, experiment), step.clockMs);
      return;
    }
    case 'release':
      return releasePlaces(world, itemAt(EXPERIMENTS, step.experiment) ?? EXPERIMENTS[0]);
    case 'define':
      return define(world, step.experiment);
    case 'raise limits':
      raiseLimits(world);
      return;
    case 'deploy':
      world.newestRecord = step.newestRecord;
      return;
    case 'pass':
      return passTime(world, step.ms);
    case 'snapshot':
      world.snapshots.set(step.name, await box.snapshot());
      return;
    case 'roll back':
      return loseWrites(world, world.snapshots.get(step.to) ?? world.base);
    case 'wipe':
      return loseWrites(world, world.base);
    case 'lose key':
      return loseKey(world, step.key);
    case 'settle':
      await settle(world);
      world.settled += 1;
      return;
    case 'grow old':
      return growOld(world, step);
    case 'outage':
      return outlastRetention(world);
    case 'trim':
      return trim(world);
  }
}

/** @param under the key of its records; else a visitor's events are under the visitor's */
function putEvents(
  { stream, acknowledged, settled, now }: World,
  { events, key, twice }: Pick<Extract<Step, { do: 'put' }>, 'events' | 'key' | 'twice'>,
  under?: string,
): void {
  const at = now();
  const bundle = { at, events };
  const records = encodeRecords(bundle, () => key).flat();
  for (const { partitionKey, data } of twice ? [...records, ...records] : records) {
    const shard = stream.put(under ?? partitionKey, data, at);
    if (!shard) continue;
    const sequence = shard.records.at(-1)?.sequence ?? '';
    const stored = JSON.parse(Buffer.from(data).toString()) as typeof bundle;
    stored.events.forEach((event, index) => {
      acknowledged.push({ place: `${shardName(stream.name, shard.id)}/${sequence}#${index}`, event, at, settled });
    });
  }
}

/** The scheduled run goes on meanwhile. */
async function outlastRetention(world: World): Promise<void> {
  const { stream, tables } = world;
  world.hadOutage = true;
  for (const task of world.tasks) await finish(world, task);
  for (let days = 0; days < 8; days += 1) {
    await passTime(world, DAY_MS);
    await finish(world, await heal(world, NO_NAME));
  }
  stream.trim(world.now() - RETENTION_MS);
  for (const shard of stream.shards.values()) {
    const name = shardName(stream.name, shard.id);
    const after = tables.checkpointOf(name)?.sequence;
    const lost = shard.records
      .slice(0, shard.trimmed)
      .filter(({ sequence }) => after === undefined || compareSequence(sequence, after) > 0);
    if (lost.length === 0) continue;
    // Of a shard that never delivered anything, nothing tells where it began.
    if (after !== undefined) world.outages.push({ shard: name, after });
    const places = new Set(lost.map(({ sequence }) => `${name}/${sequence}`));
    world.acknowledged = world.acknowledged.filter(({ place }) => !places.has(place.slice(0, place.lastIndexOf('#'))));
  }
}

async function releasePlaces(world: World, { namespace, experiment }: ExperimentKey): Promise<void> {
  const { number, since } = world.tables.incarnationOf(experimentName(namespace, experiment));
  if (number === 0 || world.now() < since) return;
  world.placesChanged = true;
  const lists = createNameLists(world.tables.dynamodb.client, STATE_TABLE);
  await releaseNames({ namespace, experiment, incarnation: number }, lists);
}

async function define(world: World, experiment: string): Promise<void> {
  world.defined.add(experiment);
  world.placesChanged = true;
  const { write } = createDefinitions(world.tables.dynamodb.client, STATE_TABLE, world.now);
  for (const { namespace } of EXPERIMENTS) await write(namespace, experiment, {});
}

/** Old processes go on for a while; new ones remember nothing. */
function raiseLimits(world: World): void {
  const { namespaces, experiments, variants, goals, segments, visitorGoals } = world.limits;
  world.limits = {
    namespaces: namespaces + 1,
    experiments: experiments + 1,
    variants: variants + 1,
    goals: goals + 1,
    segments: segments + 1,
    visitorGoals: visitorGoals + 1,
  };
  world.processes = [createNameCache(), ...world.processes];
  world.placesChanged = true;
}

async function loseWrites(world: World, snapshot: World['base']): Promise<void> {
  await world.box.restore(snapshot);
  if (world.now() >= world.holdUntil) await world.box.generationStore.release();
}

/** Nothing that has left the stream is in the counters: else it could not be counted again. */
async function loseKey({ box, base, replays }: World, key: Extract<Step, { do: 'lose key' }>['key']): Promise<void> {
  const { redis, keys, counters } = box;
  const generation = key === 'watermarks of a replay' ? replays.at(-1) : await counters.readPointer();
  if (generation === undefined || base.length > 0) return;
  await redis.del(key === 'pointer' ? keys.pointer : keys.watermarks(generation));
}

async function passTime(world: World, ms: number): Promise<void> {
  world.pass(ms);
  if (world.holdUntil === 0 || world.now() < world.holdUntil) return;
  world.holdUntil = 0;
  await world.box.generationStore.release();
}

/** A Redis can lose no more than what can be counted again: with a log that has everything, all that it ever held. */
async function trim(world: World): Promise<void> {
  const { stream, box } = world;
  stream.trim(world.now() - RETENTION_MS);
  stream.expire();
  if (await hasAllThatLeft(world)) return;
  world.base = await box.snapshot();
  world.snapshots.clear();
}

function forgetPositions(world: World): void {
  const { tables } = world;
  world.archiverSlept = true;
  for (const { pk, sk } of tables.dynamodb.items(STATE_TABLE, 'log')) {
    tables.dynamodb.answer({ name: 'DeleteItem', input: { TableName: STATE_TABLE, Key: { pk, sk } } });
  }
}

/** With an archiver that runs meanwhile, nothing leaves the stream unseen; without, it cannot always tell later. */
async function growOld(world: World, { archived, ms }: Extract<Step, { do: 'grow old' }>): Promise<void> {
  await settle(world);
  for (let half = 0; half < 2; half += 1) {
    if (archived) await archiveAll(world);
    if (archived && world.objects) await finish(world, await startPruning(world));
    await passTime(world, ms / 2);
  }
  world.archiverSlept ||= world.now() - world.archivedAt > RETENTION_MS - HOUR_MS;
  return trim(world);
}

async function archiveAll(world: World): Promise<void> {
  if (!world.objects) return;
  for (const task of world.tasks) await finish(world, task);
  world.archivedAt = world.now();
  await finish(world, await startArchive(world, NO_NAME));
  world.tasks = [];
}

/**
 * Lets everything that counts come to its end, delivers everything, and heals: no accident happens any more. Archivers
 * may be as slow as they like.
 */
async function settle(world: World): Promise<void> {
  world.newestRecord = VERSIONS.record;
  const isSlow = ({ kind, state }: Task) => kind === 'archive' && state === 'running';
  const slow = world.tasks.filter(isSlow);
  for (const task of world.tasks) if (!isSlow(task)) await finish(world, task);
  await askAgain(world);
  for (let round = 0; ; round += 1) {
    await passTime(world, 60_000);
    const ready = world.mapping.ready();
    for (const shard of ready) {
      const whole = { do: 'deliver', name: NO_NAME, shard: 0, size: 25, back: 0, hurry: 0 } as const;
      await finish(world, await deliver(world, shard, whole));
    }
    if (ready.length > 0 && round < SPINNING) continue;
    if (ready.length > 0) world.broken.push('deliveries never end');
    break;
  }
  // The schedule runs every five minutes: one that stops half-way is gone on with by the next.
  for (let run = 0; run < 3; run += 1) await finish(world, await heal(world, NO_NAME));
  for (const { name, calls } of world.tasks) world.calls.set(name, (world.calls.get(name) ?? 0) + calls);
  world.tasks = slow;
}

/** Who gets no answer asks again. */
async function askAgain(world: World): Promise<void> {
  const open = world.deletions.filter(({ answeredAt }) => answeredAt === undefined);
  for (const { name } of open) await finish(world, await startDeletion(world, NO_NAME, name));
  world.deletions = world.deletions.filter(({ answeredAt }) => answeredAt === undefined);
  if (world.deletions.length > open.length) world.broken.push('a deletion is never answered');
  world.deletions = [];
}

async function finish(world: World, task: Task): Promise<void> {
  const limit = task.calls + SPINNING;
  while (task.state === 'running' && task.calls < limit) {
    await stepTask(task);
    await passTime(world, 1);
  }
  if (task.state === 'running') {
    world.broken.push(`${task.kind} spins`);
    task.state = 'crashed';
  }
}

/** The files hold what they have to, and the counters come back from them alone. */
async function checkLog(world: World): Promise<Complaint[]> {
  const { box, stream, tables, broken } = world;
  await finish(world, await startForgetting(world));
  const { complaints, isLost, isToldOf } = await checkFiles(world);
  broken.push(...complaints);
  stream.trim(Infinity);
  stream.expire();
  await box.restore([]);
  for (let run = 0; run < 3; run += 1) await finish(world, await heal(world, NO_NAME));
  const generation = (await box.counters.readPointer()) ?? 'none';
  const losses = await createLosses(tables.dynamodb.client, STATE_TABLE).read(generation);
  for (const { shard, from } of losses.filter((loss) => !isToldOf(loss))) {
    broken.push(`from the log alone: ${shard} is said to have lost records after ${from}`);
  }
  const expected = expect(inStreamOrder(world), tables, (entry) => !isLost(entry));
  const found = await compare(generation, expected, box);
  return found.map((complaint) => ({ ...complaint, what: `from the log alone: ${complaint.what}` }));
}

async function reachVerdict(world: World): Promise<Verdict> {
  const { box, tables, broken, stream } = world;
  const generation = (await box.counters.readPointer()) ?? 'none';
  const complaints = await compare(generation, expect(inStreamOrder(world), tables), box);
  const watermarks = await box.generationStore.watermarks(generation);
  for (const shard of stream.shards.values()) {
    const name = shardName(stream.name, shard.id);
    const last = shard.records.at(-1)?.sequence;
    if (last === undefined || (world.hadOutage && shard.trimmed === shard.records.length)) continue;
    const { sequence: checkpoint, first } = tables.checkpointOf(name) ?? {};
    const watermark = watermarks.get(name);
    if (checkpoint !== last) broken.push(`${name} has its checkpoint at ${checkpoint ?? 'none'}, not at ${last}`);
    if (checkpoint && first !== shard.records[0]?.sequence && !world.hadOutage) {
      broken.push(`${name} is said to begin at ${first}`);
    }
    if (watermark !== last) broken.push(`${name} has its watermark at ${watermark ?? 'none'}, not at ${last}`);
  }
  if (new Set([...tables.quarantined(), ...world.unkept]).size < world.garbage) {
    broken.push('a record that cannot be read is neither in quarantine nor told of');
  }
  broken.push(...checkNames(world), ...checkDeletions(world), ...(await checkLosses(world, generation)));
  if (world.objects) complaints.push(...(await checkLog(world)));
  const result = complaints.length > 0 ? judge(complaints) : broken.length > 0 ? 'broken' : 'exact';
  return { result, complaints, broken, calls: world.calls };
}
