import { fold } from '../../../shared/counting/visitors/fold.ts';
import { withoutWaiting } from '../../../shared/counting/visitors/visitor-record.ts';
import type { Rule } from './rules.ts';

/** Goals that come before their visitor's exposure. */
export const graceRules: readonly Rule[] = [
  {
    name: 'a goal that came before its exposure counts for the visitor',
    shownBy: { weather: {}, seed: 1 },
    breakIt: () => ({
      fold: (records, visits, dictionaries, isLiving) => fold(records, visits, dictionaries, isLiving, -Infinity),
    }),
  },
  {
    name: 'a goal that was received ten minutes before its exposure counts for no visitor',
    shownBy: { weather: { pass: 8 }, seed: 1 },
    breakIt: () => ({
      fold: (records, visits, dictionaries, isLiving) => fold(records, visits, dictionaries, isLiving, Infinity),
    }),
  },
  {
    name: 'a goal waits from one slice to the next',
    shownBy: { weather: {}, seed: 1 },
    breakIt: () => ({
      fold: (records, visits, dictionaries, isLiving) => {
        const folded = fold(records, visits, dictionaries, isLiving);
        for (const [visitor, content] of folded.records) folded.records.set(visitor, withoutWaiting(content, Infinity));
        return folded;
      },
    }),
  },
  {
    name: 'a goal that waits is dropped long after it can find an exposure',
    shownBy: { weather: {}, seed: 1 },
    breakIt: () => ({
      stores: (stores) => ({
        ...stores,
        counters: {
          ...stores.counters,
          readWaiting: (generation, shard, _before, most) =>
            stores.counters.readWaiting(generation, shard, Infinity, most),
          apply: (move, update) => {
            if (move.expected !== move.next || update.records.length === 0) return stores.counters.apply(move, update);
            const records = update.records.map((record) => ({
              ...record,
              content: record.read ? withoutWaiting(record.read.content, Infinity) : Buffer.alloc(0),
            }));
            return stores.counters.apply(move, { ...update, records });
          },
        },
      }),
    }),
  },
];
