import { replay } from '../../../shared/counting/replay.ts';
import { createAdmission, type AdmissionDeps, type Admit } from '../../../shared/counting/limits/admit.ts';
import { consume, type ConsumerDeps, type ConsumerEvent } from '../../../shared/counting/consume.ts';
import { createCountEvents, type CountEvents } from '../../../shared/counting/count-events.ts';
import { recoverAll, recoverShards, type RecoverDeps } from '../../../shared/counting/recover.ts';
import { shardName } from '../../../shared/counting/position.ts';
import type {
  ExperimentKey,
  StoredDefinition,
  ClaimOutcome,
  Claims,
  ShardReader,
  StoredRecord,
} from '../../../shared/counting/ports.ts';
import { experimentName } from '../../../shared/contract/experiment-id.ts';
import { createNameRegistry } from '../../../shared/counting/limits/name-registry.ts';
import { compareSequence } from '../../../shared/contract/sequence-number.ts';
import type { Shard } from './memory-stream.ts';
import type { Step } from '../schedules/schedule.ts';
import { watchSwitch } from '../laws/served-figures.ts';
import { createTask, gated, start, type Gate, type Task } from './tasks.ts';
import type { Role, SimStores, World } from './world.ts';

/** Claims are made in pieces, so that two tasks' claims interleave, and one crashes between its own. */
const CLAIMS_AT_ONCE = 7;

/** The stores behind a task's gate. */
function storesOf(world: World, task: Task, role: Role): SimStores {
  const gate: Gate = (name, call, onAccident) => task.enter(name, call, onAccident);
  const { stream, box } = world;
  const stores: SimStores = {
    stream: stream.name,
    counters: gated('counters', box.counters, gate),
    counterReader: gated('counterReader', box.counterReader, gate),
    claims: gatedClaims(world.claims, gate),
    checkpoints: gated('checkpoints', world.checkpoints, gate),
    quarantine: gated('quarantine', world.quarantine, gate),
    deletions: gated('deletions', { ...world.deletions, delete: refuse }, gate),
    generations: gated('generations', world.generations, gate),
    generationStore: gated('generationStore', generationStoreOf(world), gate),
    nameLists: gated('nameLists', world.names, gate),
    losses: gated('losses', world.losses, gate),
    lineage: gated('lineage', stream.lineage, gate),
    reader: gatedReader(stream.reader, gate),
    now: world.now,
    sleep: (ms) =>
      gate('sleep', () => {
        world.pass(ms);
        return Promise.resolve();
      }),
  };
  return world.mutation.stores?.(stores, { role, world, gate }) ?? stores;
}

const refuse = () => Promise.reject(new Error('not part of a schedule'));

/** The product's claims never reject: what cannot be told is unsettled, whether it happened or not. */
function gatedClaims(claims: Claims, gate: Gate): Claims {
  return {
    async claim(requests) {
      const outcomes: ClaimOutcome[] = [];
      for (let first = 0; first < requests.length; first += CLAIMS_AT_ONCE) {
        const piece = requests.slice(first, first + CLAIMS_AT_ONCE);
        const claimed = await gate(
          'claims.claim',
          () => claims.claim(piece),
          async (how) => {
            // Some of them are throttled, or their answers are lost; the others went well.
            const reached = how.endsWith('after') ? piece : piece.filter((_, index) => index % 2 === 1);
            const answers = await claims.claim(reached);
            return piece.map((request, index) =>
              index % 2 === 1 ? (answers[reached.indexOf(request)] ?? 'unsettled') : 'unsettled',
            );
          },
        );
        outcomes.push(...claimed);
      }
      return outcomes;
    },
    readOwners: (ids) =>
      gate(
        'claims.readOwners',
        () => claims.readOwners(ids),
        async () => (await claims.readOwners(ids)).map((owner, index) => (index % 3 === 1 ? undefined : owner)),
      ),
  };
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
function countEventsOf({ codes, mutation }: World, { name }: Task, { counters }: SimStores): CountEvents {
  const memory = codes[name % codes.length];
  return createCountEvents({
    counters,
    ...(memory && { memory }),
    ...(mutation.fold && { foldVisits: mutation.fold }),
  });
}

function recoverDepsOf(world: World, task: Task): RecoverDeps {
  const ignore = () => undefined;
  const stores = storesOf(world, task, 'heal');
  const countEvents = countEventsOf(world, task, stores);
  const carryOver = () => Promise.resolve('nothing' as const);
  return { ...stores, countEvents, carryOver, onBehind: ignore, onPage: ignore, onRecovered: ignore };
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
    observe: (event) => noticed.add(event.kind),
  };
  const retryFrom = await (world.mutation.consume ?? consume)(shard.id, batch, deps, timeLeft);
  if (noticed.has('behind')) await recoverAll(recoverDeps, timeLeft).catch(() => undefined);

  const through = world.mapping.answer(shard, task, batch, retryFrom);
  const checkpoint = world.checkpoints.get(shardName(world.stream.name, shard.id))?.sequence ?? '';
  if (through !== undefined && compareSequence(checkpoint, through) < 0) {
    world.broken.push(`success was reported up to ${through}, but the checkpoint is ${checkpoint || 'missing'}`);
  }
}

/** Invocations run in several processes, each of which remembers names. */
function admissionOf(world: World, { name, enter }: Task, { nameLists }: SimStores): Admit {
  const { limits, now, processes } = world;
  const definitions: AdmissionDeps['definitions'] = {
    readMany: (experiments) => Promise.resolve(definitionsOf(world, experiments)),
  };
  return createAdmission({
    registry: createNameRegistry(nameLists, limits, now, processes[name % processes.length]),
    definitions: gated('definitions', definitions, enter),
    limits,
    countOnlyDefined: false,
    now,
  });
}

function definitionsOf(
  { defined }: World,
  experiments: readonly ExperimentKey[],
): ReadonlyMap<string, StoredDefinition> {
  const known = experiments.filter(({ experiment }) => defined.has(experiment));
  return new Map(
    known.map(({ namespace, experiment }) => [
      experimentName(namespace, experiment),
      { namespace, experiment, writtenAt: 0, definition: {}, faults: [] },
    ]),
  );
}

export async function heal(world: World, name: number): Promise<Task> {
  const task = createTask(name, 'heal');
  world.tasks.push(task);
  await start(task, async () => {
    await recoverAll(recoverDepsOf(world, task), () => Infinity);
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
