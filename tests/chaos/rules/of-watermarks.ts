import { fold } from '../../../shared/counting/visitors/fold.ts';
import type { Counters } from '../../../shared/counting/counters.ts';
import type { Rule } from './rules.ts';

type Apply = Counters['apply'];

/** Everything about what one Lua call may apply, and how. */
export const watermarkRules: readonly Rule[] = [
  {
    name: "the watermarks of a shard's ancestors are looked at before its batch is counted",
    shownBy: { weather: { reshard: 3, rollBack: 6, snapshot: 8, wipe: 1 }, seed: 26 },
    breakIt: () => ({
      stores: (stores, { role }) =>
        role === 'consumer' ? { ...stores, lineage: { ancestorsOf: () => Promise.resolve([]) } } : stores,
    }),
  },
  {
    name: "a batch is applied only while the ancestors' watermarks are what was read",
    shownBy: { scenario: 'the first batch of a child', mischief: 'Redis is rolled back' },
    breakIt: () => withApply((apply) => (move, sums) => apply({ ...move, ancestors: [] }, sums)),
  },
  {
    name: "a batch is applied only while the shard's own watermark is what was read",
    shownBy: { weather: {}, seed: 1 },
    breakIt: () => ({
      stores: (stores, { world, gate }) => ({
        ...stores,
        counters: {
          ...stores.counters,
          apply: (move, sums) =>
            gate('counters.apply', async () => {
              const { counters } = world.box;
              const present = (await counters.readWatermarks(move.generation, [move.shard])).get(move.shard);
              return counters.apply({ ...move, expected: present }, sums);
            }),
        },
      }),
    }),
  },
  {
    name: 'what a unit does is folded in stream order',
    shownBy: { weather: {}, seed: 1 },
    breakIt: () => ({
      fold: (records, visits, dictionaries, isLiving) => {
        const exposures = visits.filter(({ goal }) => goal === '');
        const goals = visits.filter(({ goal }) => goal !== '');
        return fold(records, [...exposures, ...goals], dictionaries, isLiving);
      },
    }),
  },
  {
    name: 'after a conflict everything is read again, the checkpoint too',
    shownBy: { weather: { rollBack: 10, snapshot: 12, run: 60 }, seed: 12 },
    breakIt: () => ({
      stores(stores, { role }) {
        let reads = 0;
        if (role !== 'consumer') return stores;
        const read: typeof stores.checkpoints.read = (shards) => {
          reads += 1;
          return reads === 1 ? stores.checkpoints.read(shards) : Promise.resolve(new Map());
        };
        return { ...stores, checkpoints: { ...stores.checkpoints, read } };
      },
    }),
  },
];

function withApply(change: (apply: Apply) => Apply): ReturnType<Rule['breakIt']> {
  return {
    stores: (stores) => ({ ...stores, counters: { ...stores.counters, apply: change(stores.counters.apply) } }),
  };
}
