import type { GenerationStore, SwitchResult } from '../../../shared/counting/counters.ts';
import { compareSequence } from '../../../shared/contract/sequence-number.ts';
import type { Rule } from './rules.ts';
import { watchSwitch } from '../laws/served-figures.ts';
import type { SimStores, World } from '../world/world.ts';

const REPLAYING = { replay: 4, accident: 4, run: 60, rollBack: 0, wipe: 0 };

/** Everything about replays, and which generation is served. */
export const generationRules: readonly Rule[] = [
  {
    name: 'a generation that has lost its watermarks is not counted into from nothing',
    shownBy: { weather: { loseKey: 1.5 }, seed: 1 },
    breakIt: () => ({
      stores: (stores, { world, gate }) => ({
        ...stores,
        counters: {
          ...stores.counters,
          isOrphaned: () => Promise.resolve(false),
          apply: (move, update) =>
            gate('counters.apply', async () => {
              const { redis, keys, counters } = world.box;
              const isOrphaned = await counters.isOrphaned(move.generation);
              if (isOrphaned) await redis.hset(keys.watermarks(move.generation), 'another shard', '0');
              return counters.apply(move, update);
            }),
        },
      }),
    }),
  },
  {
    name: 'a replay switches only from the generation that was served when it began',
    shownBy: { weather: REPLAYING, seed: 1 },
    keepsCounters: true,
    breakIt: () => ({
      stores: (stores, { world, gate }) =>
        withSwitch(stores, (served, other) =>
          gate('generationStore.switchTo', async () => {
            if (await isBehind(world, served, other)) return 'behind';
            return serve(world, other);
          }),
        ),
    }),
  },
  {
    name: 'a replay switches only when no shard of its generation is behind the served one',
    shownBy: { weather: REPLAYING, seed: 14 },
    keepsCounters: true,
    breakIt: () => ({
      stores: (stores, { world, gate }) =>
        withSwitch(stores, (served, other) =>
          gate('generationStore.switchTo', async () => {
            if ((await world.box.counters.readPointer()) !== served) return 'stale generation';
            return serve(world, other);
          }),
        ),
    }),
  },
  {
    name: 'a replay goes no further than the watermark of the served generation',
    shownBy: { weather: REPLAYING, seed: 1 },
    breakIt: () => ({
      stores: (stores, { role, world }) =>
        role !== 'replay'
          ? stores
          : {
              ...stores,
              generationStore: {
                ...stores.generationStore,
                async watermarks(generation) {
                  const found = await stores.generationStore.watermarks(generation);
                  const tipOf = (shard: string) =>
                    world.stream.shards.get(shard.slice(shard.indexOf('/') + 1))?.records.at(-1)?.sequence;
                  return new Map([...found].map(([shard, watermark]) => [shard, tipOf(shard) ?? watermark]));
                },
              },
            },
    }),
  },
  {
    name: 'the number of a generation is never cleared and used again',
    shownBy: { scenario: 'a replay', mischief: 'another replay begins, and crashes' },
    breakIt: () => ({
      stores: (stores, { role, world, gate }) =>
        role !== 'replay'
          ? stores
          : {
              ...stores,
              generations: {
                async next() {
                  const used = world.replays.at(-1);
                  if (used === undefined || (await stores.counters.readPointer()) === used) {
                    return stores.generations.next();
                  }
                  for (let more = true; more;) more = await gate('clear', () => clearSomeKeys(world, used));
                  return used;
                },
              },
            },
    }),
  },
];

function withSwitch(stores: SimStores, switchTo: GenerationStore['switchTo']): SimStores {
  return { ...stores, generationStore: { ...stores.generationStore, switchTo } };
}

async function isBehind({ box }: World, served: string, other: string): Promise<boolean> {
  const reached = await box.generationStore.watermarks(other);
  return [...(await box.generationStore.watermarks(served))].some(
    ([shard, watermark]) => compareSequence(reached.get(shard) ?? '', watermark) < 0,
  );
}

function serve(world: World, generation: string): Promise<SwitchResult> {
  return watchSwitch(world, generation, async () => {
    await world.box.redis.set(world.box.keys.pointer, generation);
    await world.box.generationStore.release();
    return 'switched';
  });
}

/** Removes a few keys of a generation. @returns whether there are more */
async function clearSomeKeys({ box }: World, generation: string): Promise<boolean> {
  const beginning = box.keys.watermarks(generation).slice(0, -'watermarks'.length);
  const keys = (await box.redis.keys(`${beginning}*`)).sort();
  await box.redis.unlink('', ...keys.slice(0, 4));
  return keys.length > 4;
}
