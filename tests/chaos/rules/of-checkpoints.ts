import { consume } from '../../../shared/counting/consume.ts';
import type { Checkpoint, Checkpoints } from '../../../shared/counting/ports.ts';
import { isUpdateIn, withInput, withoutConsistency } from './commands.ts';
import type { Rule } from './rules.ts';
import { STATE_TABLE } from '../world/tables.ts';
import type { SimStores, World } from '../world/world.ts';

const STORMY = { rollBack: 6, snapshot: 10, accident: 8 };

/** Everything about how far the served counters have ever been. */
export const checkpointRules: readonly Rule[] = [
  {
    name: 'a shard has one checkpoint for all generations',
    shownBy: { weather: { wipe: 2 }, seed: 1 },
    breakIt: () => ({ stores: withCheckpointsOfEachGeneration }),
  },
  {
    name: 'a checkpoint never moves backwards',
    shownBy: { weather: STORMY, seed: 1 },
    breakIt: () => ({
      command: (command) =>
        isUpdateIn('checkpoint', command) ? withInput(command, { ConditionExpression: undefined }) : command,
    }),
  },
  {
    name: 'a checkpoint keeps where counting began',
    shownBy: { weather: {}, seed: 1 },
    keepsCounters: true,
    breakIt: () => ({
      command: (command) =>
        isUpdateIn('checkpoint', command)
          ? withInput(command, { UpdateExpression: 'SET #sequence = :sequence, #first = :first, #arrival = :arrival' })
          : command,
    }),
  },
  {
    name: 'what left the stream before it was delivered is told',
    shownBy: { weather: 'outage', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ gapAfterMs: Infinity }),
  },
  {
    name: 'a checkpoint keeps when its record arrived',
    shownBy: { weather: 'outage', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({
      stores: (stores) =>
        withCheckpoints(stores, {
          advance: (shard, sequence, first) => stores.checkpoints.advance(shard, sequence, first),
        }),
    }),
  },
  {
    name: 'a shard without traffic is known to have had none',
    shownBy: { weather: 'outage', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ stores: (stores) => withCheckpoints(stores, { sawEnd: () => Promise.resolve() }) }),
  },
  {
    name: 'checkpoints are read strongly consistently',
    shownBy: { weather: STORMY, seed: 1 },
    breakIt: () => ({
      command: (command) => withoutConsistency(command, STATE_TABLE, 'checkpoint'),
    }),
  },
  {
    name: 'checkpoints are read for each batch, not cached',
    shownBy: { weather: STORMY, seed: 1 },
    breakIt: () => {
      const cached = new Map<string, Checkpoint>();
      return {
        stores: (stores) =>
          withCheckpoints(stores, {
            async read(shards) {
              const found = await stores.checkpoints.read(shards);
              for (const [shard, checkpoint] of found) if (!cached.has(shard)) cached.set(shard, checkpoint);
              return new Map(
                shards.flatMap((shard) => (cached.has(shard) ? [[shard, cached.get(shard) ?? fail()]] : [])),
              );
            },
          }),
      };
    },
  },
  {
    name: 'where the checkpoint cannot be written, the batch has failed',
    shownBy: { scenario: 'a batch', mischief: 'an error, and then Redis is rolled back' },
    breakIt: () => ({
      stores: (stores) =>
        withCheckpoints(stores, { advance: (...move) => stores.checkpoints.advance(...move).catch(() => undefined) }),
    }),
  },
  {
    name: 'the checkpoint is written also when every record had been counted before',
    shownBy: { scenario: 'a batch', mischief: 'a crash, another delivery, and then Redis is rolled back' },
    breakIt: () => ({
      stores(stores) {
        let applied = false;
        return {
          ...withCheckpoints(stores, {
            advance: (...move) => (applied ? stores.checkpoints.advance(...move) : Promise.resolve()),
          }),
          counters: {
            ...stores.counters,
            async apply(...batch) {
              const result = await stores.counters.apply(...batch);
              applied ||= result === 'applied';
              return result;
            },
          },
        };
      },
    }),
  },
  {
    name: 'where nothing was applied, the whole batch is delivered again',
    shownBy: { weather: {}, seed: 1 },
    breakIt: () => ({
      async consume(shardId, records, deps, timeLeft) {
        const seen = new Set<string>();
        const observe: typeof deps.observe = (event) => {
          seen.add(event.kind);
          deps.observe(event);
        };
        const retryFrom = await consume(shardId, records, { ...deps, observe }, timeLeft);
        return seen.has('applied') ? retryFrom : undefined;
      },
    }),
  },
  {
    name: 'a generation that is not served writes no checkpoint',
    shownBy: { weather: { replay: 3, rollBack: 4, wipe: 1 }, seed: 1 },
    harmless:
      'a replay is bounded by the served watermark, below which every claim has been decided: a checkpoint there is true',
    breakIt: () => ({
      stores: (stores, { role }) =>
        role !== 'replay'
          ? stores
          : {
              ...stores,
              counters: {
                ...stores.counters,
                async apply(move, update) {
                  const result = await stores.counters.apply(move, update);
                  if (result === 'applied') await stores.checkpoints.advance(move.shard, move.next, move.next);
                  return result;
                },
              },
            },
    }),
  },
];

function withCheckpoints(stores: SimStores, changed: Partial<Checkpoints>): SimStores {
  return { ...stores, checkpoints: { ...stores.checkpoints, ...changed } };
}

/** Each generation with checkpoints of its own: a new one has none. */
function withCheckpointsOfEachGeneration(stores: SimStores, { world }: { world: World }): SimStores {
  let generation = '';
  const nameOf = (shard: string) => `${shard}@${generation}`;
  const strip = (found: ReadonlyMap<string, Checkpoint>) =>
    new Map(
      [...found].flatMap(([name, checkpoint]) =>
        name.endsWith(`@${generation}`) ? [[name.slice(0, name.lastIndexOf('@')), checkpoint] as const] : [],
      ),
    );
  return {
    ...withCheckpoints(stores, {
      read: async (shards) => strip(await stores.checkpoints.read(shards.map(nameOf))),
      async readAll(stream) {
        generation = (await world.box.counters.readPointer()) ?? '';
        return strip(await stores.checkpoints.readAll(stream));
      },
      advance: (shard, ...move) => stores.checkpoints.advance(nameOf(shard), ...move),
      sawEnd: (shard, ...end) => stores.checkpoints.sawEnd(nameOf(shard), ...end),
    }),
    counters: {
      ...stores.counters,
      readPointer: async () => (generation = (await stores.counters.readPointer()) ?? '') || undefined,
      initPointer: async (name) => (generation = await stores.counters.initPointer(name)),
    },
  };
}

function fail(): never {
  throw new Error('a cached checkpoint is gone');
}
